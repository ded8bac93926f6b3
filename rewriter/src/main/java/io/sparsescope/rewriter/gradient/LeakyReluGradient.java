package io.sparsescope.rewriter.gradient;

/** LeakyRelu: the gradient, times alpha where the input is below 0. */
final class LeakyReluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    String leaked = node.op("Mul", dy, node.scalar(node.real("alpha", 0.01f)));
    String below = node.op("Less", node.input(0), node.scalar(0));
    node.give(0, node.op("Where", below, leaked, dy));
  }
}
