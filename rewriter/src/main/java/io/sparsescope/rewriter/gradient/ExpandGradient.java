package io.sparsescope.rewriter.gradient;

/** Expand: the gradient, summed over what was repeated. */
final class ExpandGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.giveSummed(0, node.gradient(), node.output(0));
  }
}
