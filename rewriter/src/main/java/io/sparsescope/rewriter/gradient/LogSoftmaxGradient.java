package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** LogSoftmax: dx = dy - exp(y) sum(dy). */
final class LogSoftmaxGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    String axis = node.int64s(node.integer("axis", -1));
    String sum = node.op("ReduceSum", List.of(Nodes.integer("keepdims", 1)), dy, axis);
    String share = node.op("Mul", node.op("Exp", node.output(0)), sum);
    node.give(0, node.op("Sub", dy, share));
  }
}
