package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import java.util.Optional;

/**
 * A weight (or bias) of a layer: the constant that reaches an input of one of its nodes, followed
 * back through Identity, Transpose, Reshape, Cast, DequantizeLinear and their like.
 *
 * <p>A <em>weight</em> is what a layer multiplies with (the kernel of a convolution, the matrix of
 * a Gemm, MatMul or attention node, W and R of a recurrent one) or looks rows up in (an embedding's
 * table). A <em>bias</em> is what the operator adds by an input of its own, or, where it has none
 * or leaves it out, the constant of more than one element that an Add right behind it adds. Scales,
 * zero points and the parameters of normalizations are neither.
 *
 * @param name name of the initializer, or of the output of the node that makes the constant
 * @param initializer the initializer; empty where a node (Constant, ConstantOfShape) makes the
 *     values
 * @param reader the node that reads it: the layer's main node, or the Add that adds a bias
 * @param tensor the tensor that the reader reads, equal to {@code name} if nothing lies between
 * @param input which of the reader's inputs it is
 * @param quantized whether the values are integers that stand for others
 * @param shared whether another layer uses the same values
 */
public record Weight(
    String name,
    Optional<Initializer> initializer,
    Node reader,
    String tensor,
    int input,
    boolean quantized,
    boolean shared) {

  Weight sharedWithOthers() {
    return new Weight(name, initializer, reader, tensor, input, quantized, true);
  }
}
