package io.sparsescope.rewriter.gradient;

import java.util.List;
import java.util.stream.LongStream;

/**
 * ReduceSum and ReduceMean: the gradient, for the mean divided by the number of elements, at every
 * element that was reduced.
 */
final class ReductionGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    String scaled = node.operator().equals("ReduceMean") ? node.op("Div", dy, count(node)) : dy;
    boolean kept = node.integer("keepdims", 1) != 0;
    long[] axes = axes(node);
    String unreduced = kept || axes.length == 0 ? scaled : unsqueezed(node, scaled, axes);
    node.give(0, node.expandedLike(unreduced, node.input(0)));
  }

  private static String unsqueezed(NodeGradient node, String x, long[] axes) {
    return node.op("Unsqueeze", x, node.int64s(axes));
  }

  private static long[] axes(NodeGradient node) {
    long[] listed = node.hasInput(1) ? constant(node) : new long[0];
    boolean all = listed.length == 0 && node.integer("noop_with_empty_axes", 0) == 0;
    return all ? LongStream.range(0, node.rank(node.input(0))).toArray() : listed;
  }

  private static long[] constant(NodeGradient node) {
    return node.constantIntegers(node.input(1))
        .orElseThrow(
            () -> node.failure("its axes are computed in the run", "make them a constant"));
  }

  /** How many elements became one. */
  private static String count(NodeGradient node) {
    List<Long> shape = node.shape(node.input(0));
    long count = 1;
    for (long axis : axes(node)) {
      long dim = shape.get((int) (axis < 0 ? axis + shape.size() : axis));
      if (dim < 0) {
        return measured(node);
      }
      count *= dim;
    }
    return node.scalar(count);
  }

  /** The same where only a run tells. */
  private static String measured(NodeGradient node) {
    String count = node.op("Div", node.op("Size", node.input(0)), node.op("Size", node.output(0)));
    return node.op("CastLike", count, node.gradient());
  }
}
