package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/**
 * A MaxPool that cuts images into squares without a rest: SpaceToDepth lays the elements of all
 * squares side by side, {@code [N, elements of a square, C, H, W]}, so that maximum and comparisons
 * are of whole planes. The first of a square's largest elements is found by weighing those that
 * equal the maximum: the first weighs most.
 */
final class BlockPool {
  private BlockPool() {}

  static boolean fits(NodeGradient node, Window window) {
    boolean fits = window.dimensions() == 2 && !window.isPadded() && node.output(1).isEmpty();
    for (int i = 0; i < window.dimensions(); i++) {
      fits &=
          window.kernel()[i] == window.kernel()[0]
              && window.strides()[i] == window.kernel()[i]
              && window.dilations()[i] == 1
              && window.out()[i] * window.kernel()[i] == window.in()[i];
    }
    return fits && window.kernel()[0] > 1;
  }

  static void forward(NodeGradient node) {
    long side = node.integers("kernel_shape")[0];
    String x = node.input(0);
    String y = node.output(0);
    String blocks = node.op("SpaceToDepth", List.of(Nodes.integer("blocksize", side)), x);
    String planes =
        node.op(
            "Reshape",
            blocks,
            node.int64s(-1, side * side, node.dim(x, 1), node.dim(y, 2), node.dim(y, 3)));
    node.addForward(0, "ReduceMax", List.of(Nodes.integer("keepdims", 0)), planes, node.int64s(1));
    node.keep("planes", planes);
  }

  static String backward(NodeGradient node, String dy) {
    int side = (int) node.integers("kernel_shape")[0];
    String axis = node.int64s(1);
    String largest =
        node.op("Equal", node.kept("planes"), node.op("Unsqueeze", node.output(0), axis));
    String weights = node.op("Mul", real(node, largest), weights(node, side * side));
    String first = node.op("ReduceMax", List.of(Nodes.integer("keepdims", 1)), weights, axis);
    String chosen = real(node, node.op("Equal", weights, first));
    String planes = node.op("Mul", chosen, node.op("Unsqueeze", dy, axis));
    String y = node.output(0);
    String blocks =
        node.op(
            "Reshape",
            planes,
            node.int64s(-1, side * side * node.dim(y, 1), node.dim(y, 2), node.dim(y, 3)));
    return node.op("DepthToSpace", List.of(Nodes.integer("blocksize", side)), blocks);
  }

  private static String real(NodeGradient node, String truth) {
    return node.op("Cast", List.of(Nodes.integer("to", 1)), truth);
  }

  private static String weights(NodeGradient node, int elements) {
    float[] weights = new float[elements];
    for (int i = 0; i < elements; i++) {
      weights[i] = elements - i;
    }
    return node.floats(weights, 1, elements, 1, 1, 1);
  }
}
