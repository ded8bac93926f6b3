package io.sparsescope.rewriter.rules;

import io.sparsescope.rewriter.match.Pattern;
import io.sparsescope.rewriter.transform.Transforms;

/**
 * A transform for the nodes a pattern matches.
 *
 * @param match pattern
 * @param transform the transform, such as {@code nearest,16,8}
 * @param bake for weights: change the stored values
 * @param biases for weights: the layers' biases, too
 */
public record TransformRule(String match, String transform, boolean bake, boolean biases)
    implements Rule {

  /**
   * @throws io.sparsescope.rewriter.RewriteException if pattern or transform cannot be understood
   */
  public TransformRule {
    Pattern.parse(match);
    transform = Transforms.parse(transform).spec();
  }
}
