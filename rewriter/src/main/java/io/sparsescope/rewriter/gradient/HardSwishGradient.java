package io.sparsescope.rewriter.gradient;

/** HardSwish, x max(0, min(1, x/6 + 1/2)): dx = dy (x/3 + 1/2) for -3 < x < 3, dy above. */
final class HardSwishGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String x = node.input(0);
    String dy = node.gradient();
    String third = node.op("Mul", x, node.scalar(1.0 / 3));
    String slope = node.op("Add", third, node.scalar(0.5));
    String low = node.op("Greater", x, node.scalar(-3));
    String high = node.op("Less", x, node.scalar(3));
    String middle = node.op("Where", high, node.op("Mul", dy, slope), dy);
    node.give(0, node.op("Where", low, middle, node.scalar(0)));
  }
}
