package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** Relu: the gradient where the output is above 0; 0 at the kink. */
final class ReluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    node.give(0, node.isActiveOnly() ? dy : whereActive(node, dy, node.output(0)));
  }

  /** The gradient where the activation is above 0. A product is faster than a choice. */
  static String whereActive(NodeGradient node, String gradient, String activation) {
    String active = node.op("Greater", activation, node.scalar(0));
    return node.op("Mul", node.op("Cast", List.of(Nodes.integer("to", 1)), active), gradient);
  }
}
