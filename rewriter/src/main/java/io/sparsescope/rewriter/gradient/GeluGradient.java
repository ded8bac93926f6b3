package io.sparsescope.rewriter.gradient;

/**
 * Gelu, y = x Phi(x): dx = dy (Phi(x) + x phi(x)), with the normal distribution or with its
 * approximation by tanh.
 */
final class GeluGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    boolean tanh = node.string("approximate", "none").equals("tanh");
    String slope = tanh ? approximate(node, node.input(0)) : exact(node, node.input(0));
    node.give(0, node.op("Mul", node.gradient(), slope));
  }

  /** 1/2 (1 + erf(x / sqrt(2))) + x exp(-x^2 / 2) / sqrt(2 pi). */
  private static String exact(NodeGradient node, String x) {
    String erf = node.op("Erf", node.op("Mul", x, node.scalar(Math.sqrt(0.5))));
    String share = affine(node, erf, 0.5, 0.5);
    String square = node.op("Mul", x, x);
    String bell = node.op("Exp", node.op("Mul", square, node.scalar(-0.5)));
    String density = node.op("Mul", bell, node.scalar(1 / Math.sqrt(2 * Math.PI)));
    return node.op("Add", share, node.op("Mul", x, density));
  }

  /** With t = tanh(c (x + a x^3)): 1/2 (1 + t) + 1/2 x (1 - t^2) c (1 + 3 a x^2). */
  private static String approximate(NodeGradient node, String x) {
    double c = Math.sqrt(2 / Math.PI);
    double a = 0.044715;
    String square = node.op("Mul", x, x);
    String inner = node.op("Mul", x, affine(node, square, c * a, c));
    String t = node.op("Tanh", inner);
    String bend = node.op("Sub", node.scalar(1), node.op("Mul", t, t));
    String steep = affine(node, square, 1.5 * a * c, 0.5 * c);
    String second = node.op("Mul", node.op("Mul", x, bend), steep);
    return node.op("Add", affine(node, t, 0.5, 0.5), second);
  }

  private static String affine(NodeGradient node, String x, double factor, double shift) {
    return node.op("Add", node.op("Mul", x, node.scalar(factor)), node.scalar(shift));
  }
}
