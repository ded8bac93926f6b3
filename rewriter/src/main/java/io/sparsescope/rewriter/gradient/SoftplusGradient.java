package io.sparsescope.rewriter.gradient;

/** Softplus: dx = dy sigmoid(x). */
final class SoftplusGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String slope = node.op("Sigmoid", node.input(0));
    node.give(0, node.op("Mul", node.gradient(), slope));
  }
}
