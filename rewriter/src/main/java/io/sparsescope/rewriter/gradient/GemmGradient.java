package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** Gemm, {@code Y = alpha A' B' + beta C}: two products, and the sum over what C was repeated. */
final class GemmGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    boolean ta = node.integer("transA", 0) != 0;
    boolean tb = node.integer("transB", 0) != 0;
    String a = node.input(0);
    String b = node.input(1);
    String dy = node.gradient();
    if (node.wants(0)) {
      node.give(0, ta ? product(node, b, tb, dy, true) : product(node, dy, false, b, !tb));
    }
    if (node.wants(1)) {
      node.give(1, tb ? product(node, dy, true, a, ta) : product(node, a, !ta, dy, false));
    }
    if (node.wants(2)) {
      float beta = node.real("beta", 1);
      String scaled = beta == 1 ? dy : node.op("Mul", dy, node.scalar(beta));
      node.giveSummed(2, scaled, node.output(0));
    }
  }

  private static String product(
      NodeGradient node, String left, boolean transLeft, String right, boolean transRight) {
    return node.op(
        "Gemm",
        List.of(
            Nodes.real("alpha", node.real("alpha", 1)),
            Nodes.integer("transA", transLeft ? 1 : 0),
            Nodes.integer("transB", transRight ? 1 : 0)),
        left,
        right);
  }
}
