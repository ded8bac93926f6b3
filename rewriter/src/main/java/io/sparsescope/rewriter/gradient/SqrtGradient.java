package io.sparsescope.rewriter.gradient;

/** Sqrt: dx = dy / (2 y). */
final class SqrtGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String half = node.op("Mul", node.gradient(), node.scalar(0.5));
    node.give(0, node.op("Div", half, node.output(0)));
  }
}
