package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.ArrayList;
import java.util.List;

/**
 * Undoes broadcasting (ONNX: multidirectional): what was repeated gets the sum of its gradients.
 */
final class Broadcast {
  private Broadcast() {}

  /**
   * Sums a gradient of shape {@code from} to the shape {@code to}, which was broadcast to it. Where
   * neither dimension is known before the run they are taken to be the same, the batch.
   */
  static String sum(NodeGradient node, String gradient, List<Long> from, List<Long> to) {
    int leading = from.size() - to.size();
    List<Long> vanish = new ArrayList<>();
    List<Long> keep = new ArrayList<>();
    for (int i = 0; i < leading; i++) {
      vanish.add((long) i);
    }
    for (int i = 0; i < to.size(); i++) {
      long wide = from.get(leading + i);
      long own = to.get(i);
      if (own == 1 && wide != 1) {
        keep.add((long) i);
      } else if (own < 0 && wide > 1) {
        throw node.failure(
            "whether dimension " + i + " is broadcast cannot be told before the run",
            "fix the model's dimensions but the batch");
      }
    }
    String sum = reduce(node, gradient, vanish, 0);
    return reduce(node, sum, keep, 1);
  }

  private static String reduce(NodeGradient node, String x, List<Long> axes, long keepdims) {
    return axes.isEmpty()
        ? x
        : node.op(
            "ReduceSum",
            List.of(Nodes.integer("keepdims", keepdims)),
            x,
            node.int64s(axes.stream().mapToLong(Long::longValue).toArray()));
  }
}
