package io.sparsescope.rewriter.gradient;

/** HardSigmoid: alpha times the gradient where the output is between 0 and 1. */
final class HardSigmoidGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String y = node.output(0);
    String scaled = node.op("Mul", node.gradient(), node.scalar(node.real("alpha", 0.2f)));
    String inside =
        node.op("And", node.op("Greater", y, node.scalar(0)), node.op("Less", y, node.scalar(1)));
    node.give(0, node.op("Where", inside, scaled, node.scalar(0)));
  }
}
