package io.sparsescope.rewriter.gradient;

/** Mean: each operand gets its share of the gradient, summed where it was broadcast. */
final class MeanGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String share = node.op("Mul", node.gradient(), node.scalar(1.0 / node.inputs()));
    for (int i = 0; i < node.inputs(); i++) {
      if (node.wants(i)) {
        node.giveSummed(i, share, node.output(0));
      }
    }
  }
}
