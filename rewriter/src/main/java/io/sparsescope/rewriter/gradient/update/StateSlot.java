package io.sparsescope.rewriter.gradient.update;

import java.util.List;

/**
 * A tensor that a step reads and that it makes anew for the next step: a parameter, what an
 * optimizer remembers of it, a running statistic.
 *
 * @param input name of the input with its value before the step
 * @param output name of the output with its value behind the step
 * @param dims its shape; float32
 */
public record StateSlot(String input, String output, List<Long> dims) {
  /** What is appended to an input's name for its value behind the step. */
  public static final String NEXT = "/next";

  public StateSlot {
    dims = List.copyOf(dims);
  }

  /** A slot whose output is called as its input, with {@code /next} behind. */
  public static StateSlot of(String input, List<Long> dims) {
    return new StateSlot(input, input + NEXT, dims);
  }

  /** Number of elements. */
  public long elements() {
    return dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }
}
