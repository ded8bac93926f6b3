package io.sparsescope.rewriter.gradient;

/** Where: the gradient where the operand was chosen, else 0, summed where it was broadcast. */
final class WhereGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(1)) {
      String chosen = node.op("Where", node.input(0), node.gradient(), node.scalar(0));
      node.giveSummed(1, chosen, node.output(0));
    }
    if (node.wants(2)) {
      String chosen = node.op("Where", node.input(0), node.scalar(0), node.gradient());
      node.giveSummed(2, chosen, node.output(0));
    }
  }
}
