package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;

/** Concat: the gradient in parts. */
final class ConcatGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    long axis = node.integer("axis", 0);
    List<String> parts =
        node.op(
            "Split",
            node.inputs(),
            List.of(Nodes.integer("axis", axis)),
            node.gradient(),
            lengths(node, (int) axis));
    for (int i = 0; i < node.inputs(); i++) {
      if (node.wants(i)) {
        node.give(i, parts.get(i));
      }
    }
  }

  private static String lengths(NodeGradient node, int axis) {
    long[] lengths = new long[node.inputs()];
    for (int i = 0; i < lengths.length; i++) {
      int along = axis < 0 ? axis + node.rank(node.input(i)) : axis;
      lengths[i] = node.shape(node.input(i)).get(along);
    }
    return Arrays.stream(lengths).allMatch(l -> l >= 0)
        ? node.int64s(lengths)
        : measured(node, axis);
  }

  /** What only a run tells. */
  private static String measured(NodeGradient node, int axis) {
    String[] lengths = new String[node.inputs()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = node.op("Gather", node.op("Shape", node.input(i)), node.int64s(axis));
    }
    return node.op("Concat", List.of(Nodes.integer("axis", 0)), lengths);
  }
}
