package io.sparsescope.rewriter.gradient;

/** Mul: da = dy b and db = dy a, each summed where its operand was broadcast. */
final class MulGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(0)) {
      node.giveSummed(0, node.op("Mul", node.gradient(), node.input(1)), node.output(0));
    }
    if (node.wants(1)) {
      node.giveSummed(1, node.op("Mul", node.gradient(), node.input(0)), node.output(0));
    }
  }
}
