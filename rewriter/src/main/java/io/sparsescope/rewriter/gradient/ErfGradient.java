package io.sparsescope.rewriter.gradient;

/** Erf: dx = dy 2/sqrt(pi) exp(-x^2). */
final class ErfGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String x = node.input(0);
    String bell = node.op("Exp", node.op("Neg", node.op("Mul", x, x)));
    String slope = node.op("Mul", bell, node.scalar(2 / Math.sqrt(Math.PI)));
    node.give(0, node.op("Mul", node.gradient(), slope));
  }
}
