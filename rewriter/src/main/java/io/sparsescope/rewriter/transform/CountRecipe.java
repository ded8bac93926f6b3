package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;

/**
 * A way to count a tensor in the graph, exactly. All recipes have a fast way that is right for
 * nearly every run, a test that tells whether it was, and {@link ExactCount} for when it was not.
 */
interface CountRecipe {
  /** Whether the recipe counts a tensor of this type that this node produces. */
  boolean suits(Graph graph, Node producer, TensorType type);

  /**
   * Makes nodes that count the tensor.
   *
   * @return an int64 tensor of shape [1, 3]: elements, elements that are not zero (NaN among them),
   *     NaNs
   */
  String emit(Ops ops, String x, TensorType type);

  /** The cheapest recipe that suits. Opset {@link ThresholdNodes#FIRST_OPSET} is needed. */
  static CountRecipe of(Graph graph, Node producer, TensorType type) {
    CountRecipe pooled = new PooledCount();
    return pooled.suits(graph, producer, type) ? pooled : new CastCount();
  }
}
