package io.sparsescope.rewriter.gradient;

/** Relu: the gradient where the output is above 0; 0 at the kink. */
final class ReluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String above = node.op("Greater", node.output(0), node.scalar(0));
    node.give(0, node.op("Where", above, node.gradient(), node.scalar(0)));
  }
}
