package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;

/**
 * MaxPool: the gradient goes to the element that the pool's second output, Indices, names: of equal
 * ones the first. Elements are counted over the whole tensor.
 */
final class MaxPoolGradient implements GradientRule {
  @Override
  public void forward(NodeGradient node) {
    if (node.integer("storage_order", 0) != 0) {
      throw node.failure("storage_order 1 is not supported", "export it with storage_order 0");
    }
    NodeProto proto =
        node.integer("ceil_mode", 0) == 0
            ? node.proto()
            : Window.of(node, node.integers("kernel_shape")).withoutCeiling(node.proto());
    if (proto.getOutputCount() > 1 && !proto.getOutput(1).isEmpty()) {
      node.addForward(proto);
      node.keep("indices", proto.getOutput(1));
      return;
    }
    String indices = node.free("Indices");
    node.addForward(
        proto.toBuilder().clearOutput().addOutput(proto.getOutput(0)).addOutput(indices).build());
    node.keep("indices", indices);
  }

  @Override
  public void backward(NodeGradient node) {
    Window window = Window.of(node, node.integers("kernel_shape"));
    node.give(0, window.isDisjoint() ? unpooled(node) : scattered(node));
  }

  /** Each element is in one window at most. */
  private static String unpooled(NodeGradient node) {
    return node.op(
        "MaxUnpool",
        List.of(Nodes.integers("kernel_shape", node.integers("kernel_shape"))),
        node.gradient(),
        node.kept("indices"),
        node.op("Shape", node.input(0)));
  }

  private static String scattered(NodeGradient node) {
    String minusOne = node.int64s(-1);
    String zeros =
        node.op("ConstantOfShape", node.op("Shape", node.op("Reshape", node.input(0), minusOne)));
    String flat =
        node.op(
            "ScatterElements",
            List.of(Nodes.integer("axis", 0), Nodes.string("reduction", "add")),
            zeros,
            node.op("Reshape", node.kept("indices"), minusOne),
            node.op("Reshape", node.gradient(), minusOne));
    return node.reshapedLike(flat, node.input(0));
  }
}
