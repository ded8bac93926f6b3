package io.sparsescope.agent.history;

import java.util.Arrays;

/** A count for each stretch of a {@link Timeline}. */
final class Lane {
  private final long[] values = new long[Timeline.POINTS];

  void add(int point, long count) {
    values[point] += count;
  }

  long get(int point) {
    return values[point];
  }

  /** Each two stretches become one. */
  void halve() {
    int half = values.length / 2;
    for (int i = 0; i < half; i++) {
      values[i] = values[2 * i] + values[2 * i + 1];
    }
    Arrays.fill(values, half, values.length, 0);
  }
}
