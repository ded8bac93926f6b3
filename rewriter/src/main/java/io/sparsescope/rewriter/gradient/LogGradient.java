package io.sparsescope.rewriter.gradient;

/** Log: dx = dy / x. */
final class LogGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(0, node.op("Div", node.gradient(), node.input(0)));
  }
}
