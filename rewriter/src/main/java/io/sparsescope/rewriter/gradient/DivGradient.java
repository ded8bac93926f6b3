package io.sparsescope.rewriter.gradient;

/**
 * Div, y = a / b: da = dy / b and db = -(dy y) / b, each summed where its operand was broadcast.
 */
final class DivGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(0)) {
      node.giveSummed(0, node.op("Div", node.gradient(), node.input(1)), node.output(0));
    }
    if (node.wants(1)) {
      // b is the same along the axes that the sum runs over.
      String sum = node.summed(1, node.op("Mul", node.gradient(), node.output(0)));
      node.give(1, node.op("Neg", node.op("Div", sum, node.input(1))));
    }
  }
}
