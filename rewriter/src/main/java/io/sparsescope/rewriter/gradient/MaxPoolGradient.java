package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;

/**
 * MaxPool: the gradient goes to the window's largest element, of equal ones to the first, as the
 * operator's second output, Indices, says. ONNX Runtime computes that output element by element, so
 * for pools over images with the batch innermost ({@link SlicedPool}) and those that tile images
 * ({@link TiledPool}) it is found otherwise.
 *
 * <p>Behind a Relu that nothing else reads, elements that the Relu made 0 are left out here, where
 * there are fewer of them.
 */
final class MaxPoolGradient implements GradientRule {
  @Override
  public void forward(NodeGradient node) {
    if (node.integer("storage_order", 0) != 0) {
      throw node.failure("storage_order 1 is not supported", "export it with storage_order 0");
    }
    Window window = window(node);
    if (SlicedPool.fits(node, window)) {
      new SlicedPool(node, window).addForward();
    } else if (TiledPool.fits(node, window)) {
      node.addForward(node.proto());
    } else {
      withIndices(node);
    }
  }

  private static Window window(NodeGradient node) {
    return Window.of(node, node.integers("kernel_shape"));
  }

  private static void withIndices(NodeGradient node) {
    NodeProto proto =
        node.integer("ceil_mode", 0) == 0
            ? node.proto()
            : window(node).withoutCeiling(node.proto());
    String indices = node.output(1).isEmpty() ? node.free("Indices") : node.output(1);
    node.addForward(
        proto.toBuilder().clearOutput().addOutput(node.output(0)).addOutput(indices).build());
    node.keep("indices", indices);
  }

  @Override
  public void backward(NodeGradient node) {
    Window window = window(node);
    String dy = node.gradient();
    if (node.readsRelu(0)) {
      dy = ReluGradient.whereActive(node, dy, node.output(0));
      node.markActiveOnly(0);
    }
    if (SlicedPool.fits(node, window)) {
      node.give(0, new SlicedPool(node, window).gradient(dy));
    } else if (TiledPool.fits(node, window)) {
      node.give(0, new TiledPool(node, window).gradient(dy));
    } else {
      node.give(0, window.isDisjoint() ? unpooled(node, dy) : scattered(node, dy));
    }
  }

  /** Each element is in one window at most. */
  private static String unpooled(NodeGradient node, String dy) {
    return node.op(
        "MaxUnpool",
        List.of(Nodes.integers("kernel_shape", node.integers("kernel_shape"))),
        dy,
        node.kept("indices"),
        node.op("Shape", node.input(0)));
  }

  private static String scattered(NodeGradient node, String dy) {
    String minusOne = node.int64s(-1);
    String zeros =
        node.op("ConstantOfShape", node.op("Shape", node.op("Reshape", node.input(0), minusOne)));
    String flat =
        node.op(
            "ScatterElements",
            List.of(Nodes.integer("axis", 0), Nodes.string("reduction", "add")),
            zeros,
            node.op("Reshape", node.kept("indices"), minusOne),
            node.op("Reshape", dy, minusOne));
    return node.reshapedLike(flat, node.input(0));
  }
}
