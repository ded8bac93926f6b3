package io.sparsescope.rewriter.rules;

import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.transform.Transforms;
import java.util.OptionalDouble;

/** What becomes of the tensors that a pattern selects. */
public sealed interface Rule permits ThresholdRule, TransformRule {
  /** The pattern. */
  String match();

  /** For weights: whether the stored values are changed, instead of inserting nodes. */
  boolean bake();

  /** For weights: whether the layers' biases are changed, too. */
  boolean biases();

  /**
   * A rule from a transform as rule files write it; {@code sparse,T} is a threshold.
   *
   * @param orEqual of a threshold only: compare: le instead of lt
   * @param dynamic of a threshold only: whether it becomes a graph input
   * @throws io.sparsescope.rewriter.RewriteException in one line, if something is wrong or does not
   *     go with this transform
   */
  static Rule of(
      String match, String spec, boolean orEqual, boolean dynamic, boolean bake, boolean biases) {
    OptionalDouble threshold = Transforms.threshold(spec);
    if (threshold.isPresent()) {
      return new ThresholdRule(match, threshold.getAsDouble(), orEqual, dynamic, bake, biases);
    }
    TransformRule rule = new TransformRule(match, spec, bake, biases);
    if (orEqual || dynamic) {
      throw new RewriteException(
          "transform \""
              + rule.transform()
              + "\" is no threshold: take out "
              + (dynamic ? "dynamic" : "compare"));
    }
    return rule;
  }
}
