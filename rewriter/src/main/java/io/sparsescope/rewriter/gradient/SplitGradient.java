package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.List;

/**
 * Split: the gradients of the parts side by side; 0 for a part that the loss does not depend on.
 */
final class SplitGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String[] parts = new String[node.outputs()];
    for (int i = 0; i < parts.length; i++) {
      int output = i;
      parts[i] = node.gradient(i).orElseGet(() -> node.zerosLike(node.output(output)));
    }
    List<AttributeProto> axis = List.of(Nodes.integer("axis", node.integer("axis", 0)));
    node.give(0, node.op("Concat", axis, parts));
  }
}
