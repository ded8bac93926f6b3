package io.sparsescope.rewriter.gradient;

/**
 * PRelu: dx = dy, and dy slope where the input is below 0; dslope = dy min(x, 0), summed where
 * slopes are shared.
 */
final class PReluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String x = node.input(0);
    String dy = node.gradient();
    if (node.wants(0)) {
      String below = node.op("Less", x, node.scalar(0));
      String leaked = node.op("Mul", dy, node.input(1));
      node.give(0, node.op("Where", below, leaked, dy));
    }
    if (node.wants(1)) {
      String negative = node.op("Min", x, node.scalar(0));
      node.giveSummed(1, node.op("Mul", dy, negative), node.output(0));
    }
  }
}
