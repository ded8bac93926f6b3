package io.sparsescope.rewriter.gradient;

/** Sigmoid: dx = dy y (1 - y). */
final class SigmoidGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String y = node.output(0);
    String slope = node.op("Mul", y, node.op("Sub", node.scalar(1), y));
    node.give(0, node.op("Mul", node.gradient(), slope));
  }
}
