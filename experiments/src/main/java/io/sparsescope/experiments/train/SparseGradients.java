package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.rules.TransformRule;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is done to gradients before the update reads them.
 *
 * @param rules rules on gradients, and blocks to count by; the first rule that matches wins
 * @param residual whether what a rule cuts off is added to the gradient of the next step
 */
public record SparseGradients(Rules rules, boolean residual) {
  /** Nothing. */
  public static final SparseGradients NONE = new SparseGradients(Rules.NONE, false);

  /**
   * @throws ExperimentException if there are rules on anything else, or residuals without a rule
   */
  public SparseGradients {
    if (rules.hasTransforms() || !rules.taps().isEmpty()) {
      throw new ExperimentException(
          "rules on weights, activations, intrinsic or taps are not for training; leave gradients and"
              + " blocks alone in the rule file");
    }
    if (residual && rules.gradients().isEmpty()) {
      throw new ExperimentException(
          "--residual has nothing to add up: give --gradient-threshold or --gradient-transform");
    }
  }

  /** What the values after a number of steps depend on, by the names of options. */
  Map<String, String> identity() {
    Map<String, String> identity = new LinkedHashMap<>();
    if (!rules.gradients().isEmpty()) {
      identity.put(
          "gradient rules",
          rules.gradients().stream().map(SparseGradients::text).collect(Collectors.joining("; ")));
      identity.put("--residual", Boolean.toString(residual));
    }
    return identity;
  }

  private static String text(Rule rule) {
    if (rule instanceof TransformRule t) {
      return t.match() + "=" + t.transform();
    }
    ThresholdRule t = (ThresholdRule) rule;
    return t.match() + (t.orEqual() ? " <= " : " < ") + t.threshold();
  }

  /**
   * The block of each layer of a model that is in one.
   *
   * @throws io.sparsescope.rewriter.RewriteException if a block has no layer
   */
  Map<String, String> blocks(ModelFile model) {
    Rules only = new Rules(List.of(), List.of(), List.of(), rules.blocks());
    Map<String, String> blocks = new HashMap<>();
    new Rewriter(only, false, false)
        .plan(model)
        .blocks()
        .forEach((block, layers) -> layers.forEach(layer -> blocks.put(layer, block)));
    return blocks;
  }
}
