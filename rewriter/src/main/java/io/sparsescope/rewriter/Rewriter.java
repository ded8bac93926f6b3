package io.sparsescope.rewriter;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.rules.Rules;

/** Plans a rewrite of a model. */
public final class Rewriter {
  private final Rules rules;
  private final boolean allowUnmatched;
  private final boolean describe;

  /**
   * @param rules what to do where
   * @param allowUnmatched go on when a rule selects nothing, instead of throwing
   * @param describe say in the model's metadata what was done
   */
  public Rewriter(Rules rules, boolean allowUnmatched, boolean describe) {
    this.rules = rules;
    this.allowUnmatched = allowUnmatched;
    this.describe = describe;
  }

  /**
   * @throws RewriteException if a rule selects nothing or cannot be applied
   */
  public Rewrite plan(ModelFile model) {
    throw new UnsupportedOperationException(rules + "" + allowUnmatched + describe + model);
  }
}
