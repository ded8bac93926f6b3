package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** GatherElements: each gradient is added to the place its element was taken from. */
final class GatherElementsGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(
        0,
        node.op(
            "ScatterElements",
            List.of(
                Nodes.integer("axis", node.integer("axis", 0)), Nodes.string("reduction", "add")),
            node.zerosLike(node.input(0)),
            node.input(1),
            node.gradient()));
  }
}
