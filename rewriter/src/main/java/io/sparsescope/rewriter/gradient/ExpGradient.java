package io.sparsescope.rewriter.gradient;

/** Exp: dx = dy y. */
final class ExpGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(0, node.op("Mul", node.gradient(), node.output(0)));
  }
}
