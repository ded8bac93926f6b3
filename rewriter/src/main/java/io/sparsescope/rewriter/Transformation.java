package io.sparsescope.rewriter;

/**
 * A transform that was placed: what is done to a tensor's values. Thresholds are told apart, as
 * {@link Threshold}.
 *
 * @param node the node it was placed at
 * @param tensor the tensor's name
 * @param kind "activation", "weight", "intrinsic" or "gradient"
 * @param transform the transform as rules write it, such as {@code nearest,16,8}
 * @param baked whether the stored values were changed instead of inserting nodes
 */
public record Transformation(
    String node, String tensor, String kind, String transform, boolean baked) {}
