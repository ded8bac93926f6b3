package io.sparsescope.rewriter.gradient;

/**
 * Pow, y = x^p: dx = dy p x^(p-1) and dp = dy y log(x), which is 0 at x = 0; each summed where its
 * operand was broadcast. dp of a negative x is NaN: no real power lies beside it.
 */
final class PowGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(0)) {
      String slope =
          node.constantFloats(node.input(1)).filter(p -> p.length == 1).isPresent()
              ? scalarSlope(node, node.constantFloats(node.input(1)).get()[0])
              : slope(node);
      node.giveSummed(0, node.op("Mul", node.gradient(), slope), node.output(0));
    }
    if (node.wants(1)) {
      exponent(node);
    }
  }

  private static String scalarSlope(NodeGradient node, float p) {
    String x = node.input(0);
    if (p == 0) {
      return node.scalar(0);
    }
    if (p == 1) {
      return node.scalar(1);
    }
    String power = p == 2 ? x : node.op("Pow", x, node.scalar((double) p - 1));
    return node.op("Mul", power, node.scalar(p));
  }

  private static String slope(NodeGradient node) {
    String x = node.input(0);
    String p = node.op("CastLike", node.input(1), x);
    String power = node.op("Pow", x, node.op("Sub", p, node.scalar(1)));
    // 0 * 0^-1 would be NaN.
    String zero = node.op("Equal", p, node.scalar(0));
    return node.op("Where", zero, node.scalar(0), node.op("Mul", p, power));
  }

  private static void exponent(NodeGradient node) {
    String x = node.input(0);
    String slope = node.op("Mul", node.output(0), node.op("Log", x));
    String finite = node.op("Where", node.op("Equal", x, node.scalar(0)), node.scalar(0), slope);
    node.giveSummed(1, node.op("Mul", node.gradient(), finite), node.output(0));
  }
}
