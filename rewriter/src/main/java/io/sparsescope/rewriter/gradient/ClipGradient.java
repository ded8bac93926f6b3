package io.sparsescope.rewriter.gradient;

/**
 * Clip: the gradient where the input stays as it is, the bounds included. The bounds are constants.
 */
final class ClipGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.requireConstant(1);
    node.requireConstant(2);
    String kept = node.op("Equal", node.input(0), node.output(0));
    node.give(0, node.op("Where", kept, node.gradient(), node.scalar(0)));
  }
}
