package io.sparsescope.rewriter.gradient;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a Slice takes of an axis.
 *
 * @param dim length of the axis
 * @param first index of the first element taken
 * @param step from one element to the next; may be negative, never 0
 * @param length number of elements taken
 */
record SliceRange(int axis, long dim, long first, long step, long length) {
  /** The axes of which less than everything, or everything in another order, is taken. */
  static List<SliceRange> of(NodeGradient node) {
    long[] starts = constant(node, 1);
    long[] ends = constant(node, 2);
    long[] axes =
        node.hasInput(3) ? constant(node, 3) : LongStream.range(0, starts.length).toArray();
    long[] steps = node.hasInput(4) ? constant(node, 4) : null;
    int rank = node.rank(node.input(0));
    List<SliceRange> ranges = new ArrayList<>();
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) (axes[i] < 0 ? axes[i] + rank : axes[i]);
      long step = steps == null ? 1 : steps[i];
      // All of the batch, however long it is.
      if (starts[i] != 0 || ends[i] < Integer.MAX_VALUE || step != 1) {
        ranges.add(of(axis, node.dim(node.input(0), axis), starts[i], ends[i], step));
      }
    }
    return ranges;
  }

  private static long[] constant(NodeGradient node, int input) {
    return node.constantIntegers(node.input(input))
        .orElseThrow(
            () -> node.failure("its bounds are computed in the run", "make them constants"));
  }

  /** By the definition of ONNX's Slice: negative indices count from the end, then are clamped. */
  private static SliceRange of(int axis, long dim, long start, long end, long step) {
    boolean forward = step > 0;
    long low = forward ? 0 : -1;
    long high = forward ? dim : dim - 1;
    long first = clamp(start < 0 ? start + dim : start, 0, high);
    long last = clamp(end < 0 ? end + dim : end, low, high);
    long length = Math.max(0, forward ? ceilDiv(last - first, step) : ceilDiv(first - last, -step));
    return new SliceRange(axis, dim, first, step, length);
  }

  private static long clamp(long value, long low, long high) {
    return Math.max(low, Math.min(high, value));
  }

  private static long ceilDiv(long a, long b) {
    return -Math.floorDiv(-a, b);
  }

  /** For each element of the axis its index among those taken, or {@link #length}. */
  long[] origins() {
    long[] origins = new long[(int) dim];
    Arrays.fill(origins, length);
    for (int i = 0; i < length; i++) {
      origins[(int) (first + i * step)] = i;
    }
    return origins;
  }
}
