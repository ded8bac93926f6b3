package io.sparsescope.rewriter.gradient;

/** GlobalAveragePool: each element gets an equal share. */
final class GlobalAveragePoolGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String x = node.input(0);
    double elements = 1;
    for (int i = 2; i < node.rank(x); i++) {
      elements *= node.dim(x, i);
    }
    String share = node.op("Mul", node.gradient(), node.scalar(1 / elements));
    node.give(0, node.op("Expand", share, node.op("Shape", x)));
  }
}
