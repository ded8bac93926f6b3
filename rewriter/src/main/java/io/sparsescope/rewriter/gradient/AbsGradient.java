package io.sparsescope.rewriter.gradient;

/** Abs: the gradient with the sign of the input; 0 at the kink. */
final class AbsGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(0, node.op("Mul", node.gradient(), node.op("Sign", node.input(0))));
  }
}
