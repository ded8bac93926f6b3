package io.sparsescope.rewriter.gradient;

/** Tanh: dx = dy (1 - y^2). */
final class TanhGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String y = node.output(0);
    String slope = node.op("Sub", node.scalar(1), node.op("Mul", y, y));
    node.give(0, node.op("Mul", node.gradient(), slope));
  }
}
