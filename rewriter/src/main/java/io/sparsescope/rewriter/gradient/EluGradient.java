package io.sparsescope.rewriter.gradient;

/** Elu: dx = dy, and dy (y + alpha) where the input is below 0. */
final class EluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    String slope = node.op("Add", node.output(0), node.scalar(node.real("alpha", 1)));
    String below = node.op("Less", node.input(0), node.scalar(0));
    node.give(0, node.op("Where", below, node.op("Mul", dy, slope), dy));
  }
}
