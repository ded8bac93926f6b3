package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
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
      node.give(0, ta ? product(node, 0, b, tb, dy, true) : product(node, 0, dy, false, b, !tb));
    }
    if (node.wants(1)) {
      node.give(1, tb ? product(node, 1, dy, true, a, ta) : product(node, 1, a, !ta, dy, false));
    }
    if (node.wants(2)) {
      float beta = node.real("beta", 1);
      String scaled = beta == 1 ? dy : node.op("Mul", dy, node.scalar(beta));
      node.giveSummed(2, scaled, node.output(0));
    }
  }

  /** The gradient of an input: a product of matrices in its shape, and the input's own decay. */
  static String product(
      NodeGradient node,
      int input,
      String left,
      boolean transLeft,
      String right,
      boolean transRight) {
    double decay = node.takeDecay(input);
    List<AttributeProto> attributes =
        List.of(
            Nodes.real("alpha", node.real("alpha", 1)),
            Nodes.real("beta", (float) decay),
            Nodes.integer("transA", transLeft ? 1 : 0),
            Nodes.integer("transB", transRight ? 1 : 0));
    return decay == 0
        ? node.op("Gemm", attributes, left, right)
        : node.op("Gemm", attributes, left, right, node.input(input));
  }
}
