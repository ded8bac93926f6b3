package io.sparsescope.rewriter.gradient;

/** Add and Sum: the gradient goes to all operands, summed where one was broadcast. */
final class AddGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    for (int i = 0; i < node.inputs(); i++) {
      if (node.wants(i)) {
        node.giveSummed(i, node.gradient(), node.output(0));
      }
    }
  }
}
