package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.List;

/** Relu: the gradient where the output is above 0; 0 at the kink. */
final class ReluGradient implements GradientRule {
  /** Makes 1 of the smallest normal number. */
  private static final float STEEP = Float.MAX_VALUE;

  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    node.give(0, node.isActiveOnly() ? dy : whereActive(node, dy, node.output(0)));
  }

  /**
   * The gradient where the activation is above 0: a product with a steep HardSigmoid, {@code max(0,
   * min(1, alpha y))}, which is 0 or 1 for all but subnormal activations. In ONNX Runtime 1.29.0
   * that is faster than Greater and Cast, and much faster than Where.
   */
  static String whereActive(NodeGradient node, String gradient, String activation) {
    List<AttributeProto> steep = List.of(Nodes.real("alpha", STEEP), Nodes.real("beta", 0));
    return node.op("Mul", gradient, node.op("HardSigmoid", steep, activation));
  }
}
