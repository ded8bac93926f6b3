package io.sparsescope.rewriter.rules;

import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;

/**
 * A threshold for the nodes a pattern matches.
 *
 * @param match pattern
 * @param threshold the threshold, finite and not negative
 * @param orEqual compare: le instead of lt
 * @param dynamic whether it becomes a graph input with this value as default
 * @param bake for weights: write zeros into the initializer
 * @param biases for weights: the layers' biases, too
 */
public record ThresholdRule(
    String match, double threshold, boolean orEqual, boolean dynamic, boolean bake, boolean biases)
    implements Rule {

  /** A rule that leaves biases alone. */
  public ThresholdRule(
      String match, double threshold, boolean orEqual, boolean dynamic, boolean bake) {
    this(match, threshold, orEqual, dynamic, bake, false);
  }

  /**
   * @throws RewriteException if the pattern cannot be understood, the threshold is negative or not
   *     finite, or the rule is dynamic and baked at once
   */
  public ThresholdRule {
    Pattern.parse(match);
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw new RewriteException(
          "threshold "
              + threshold
              + " of pattern \""
              + match
              + "\": write a finite number that is not negative");
    }
    if (dynamic && bake) {
      throw new RewriteException(
          "pattern \"" + match + "\" is both dynamic and bake: keep one of the two");
    }
    threshold = threshold == 0 ? 0 : threshold;
  }
}
