package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Gather: each gradient is added to the slice it was taken from, by a ScatterND along the first
 * axis; another axis is brought there and back. A lookup in an embedding table is one, too.
 */
final class GatherGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String x = node.input(0);
    int rank = node.rank(x);
    int indices = node.rank(node.input(1));
    long given = node.integer("axis", 0);
    int axis = (int) (given < 0 ? given + rank : given);
    String places = node.op("Unsqueeze", node.input(1), node.int64s(-1));
    String dy =
        transposed(node, node.gradient(), rotation(0, axis, axis + indices, rank - 1 + indices));
    long[] front = rotation(0, axis, axis + 1, rank);
    String zeros = zeros(node, x, front);
    String dx = node.op("ScatterND", List.of(Nodes.string("reduction", "add")), zeros, places, dy);
    node.give(0, transposed(node, dx, inverse(front)));
  }

  /** The permutation that puts the axes of middle..end first. */
  private static long[] rotation(int from, int middle, int end, int rank) {
    return LongStream.concat(
            LongStream.range(middle, end),
            LongStream.concat(LongStream.range(from, middle), LongStream.range(end, rank)))
        .toArray();
  }

  private static long[] inverse(long[] perm) {
    long[] inverse = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      inverse[(int) perm[i]] = i;
    }
    return inverse;
  }

  private static String transposed(NodeGradient node, String x, long[] perm) {
    boolean same = Arrays.equals(perm, LongStream.range(0, perm.length).toArray());
    return same ? x : node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }

  /** Zeros in the shape of x with its axes in another order. */
  private static String zeros(NodeGradient node, String x, long[] perm) {
    List<Long> shape = node.shape(x);
    boolean known = shape.stream().allMatch(d -> d >= 0);
    String target =
        known
            ? node.int64s(Arrays.stream(perm).map(d -> shape.get((int) d)).toArray())
            : node.op("Gather", node.op("Shape", x), node.int64s(perm));
    return node.op("Expand", node.scalar(0), target);
  }
}
