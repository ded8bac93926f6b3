package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** Softmax: dx = y (dy - sum(y dy)). */
final class SoftmaxGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String y = node.output(0);
    String axis = node.int64s(node.integer("axis", -1));
    String sum =
        node.op(
            "ReduceSum",
            List.of(Nodes.integer("keepdims", 1)),
            node.op("Mul", y, node.gradient()),
            axis);
    node.give(0, node.op("Mul", y, node.op("Sub", node.gradient(), sum)));
  }
}
