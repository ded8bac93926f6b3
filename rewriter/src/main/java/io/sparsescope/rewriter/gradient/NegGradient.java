package io.sparsescope.rewriter.gradient;

/** Neg: the negated gradient. */
final class NegGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(0, node.op("Neg", node.gradient()));
  }
}
