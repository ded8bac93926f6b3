package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Initializer;
import java.util.Optional;

/**
 * A weight (or bias) of a layer: the constant that reaches an input of its main node, followed back
 * through Identity, Transpose, Reshape, Cast, DequantizeLinear and their like.
 *
 * @param name name of the initializer, or of the output of the node that makes the constant
 * @param initializer the initializer; empty where a node (Constant, ConstantOfShape) makes the
 *     values
 * @param tensor the tensor that the main node reads, equal to {@code name} if nothing lies between
 * @param input which of the main node's inputs it is
 * @param quantized whether the values are integers that stand for others
 * @param shared whether another layer uses the same values
 */
public record Weight(
    String name,
    Optional<Initializer> initializer,
    String tensor,
    int input,
    boolean quantized,
    boolean shared) {

  Weight sharedWithOthers() {
    return new Weight(name, initializer, tensor, input, quantized, true);
  }
}
