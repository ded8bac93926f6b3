package io.sparsescope.rewriter;

/**
 * A threshold placed on a tensor: elements of smaller magnitude become zero.
 *
 * @param node the node it was placed at
 * @param tensor the tensor's name
 * @param kind "activation", "weight", "intrinsic" or "gradient"
 * @param value the threshold, not negative
 * @param orEqual whether elements equal to it become zero too (compare: le)
 * @param input name of the graph input that overrides it at each run, "" if it is constant. ONNX
 *     Runtime's C and Python interfaces take it; its Java binding, up to 1.29, does not list inputs
 *     that have a default and refuses their names
 * @param baked whether zeros were written into the initializer instead of inserting nodes
 */
public record Threshold(
    String node,
    String tensor,
    String kind,
    double value,
    boolean orEqual,
    String input,
    boolean baked) {}
