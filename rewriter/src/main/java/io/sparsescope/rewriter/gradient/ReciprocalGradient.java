package io.sparsescope.rewriter.gradient;

/** Reciprocal: dx = -dy y^2. */
final class ReciprocalGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String y = node.output(0);
    node.give(0, node.op("Neg", node.op("Mul", node.gradient(), node.op("Mul", y, y))));
  }
}
