package io.sparsescope.rewriter.gradient;

/** Sub: the gradient, and the negated one, each summed where its operand was broadcast. */
final class SubGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(0)) {
      node.giveSummed(0, node.gradient(), node.output(0));
    }
    if (node.wants(1)) {
      node.give(1, node.op("Neg", node.summed(1, node.gradient())));
    }
  }
}
