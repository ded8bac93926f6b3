package io.sparsescope.experiments.train.series;

import java.util.Arrays;

/** Numbers that are added one by one, eight bytes each. */
final class Growing {
  private static final int FIRST = 256;

  private long[] values = new long[FIRST];
  private int size;

  Growing() {}

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  void add(double value) {
    add(Double.doubleToRawLongBits(value));
  }

  int size() {
    return size;
  }

  long get(int at) {
    return values[at];
  }

  /** Keeps those at the given places, which rise. */
  void keep(int[] places) {
    for (int i = 0; i < places.length; i++) {
      values[i] = values[places[i]];
    }
    size = places.length;
  }

  LongSeries longs() {
    return LongSeries.of(Arrays.copyOf(values, size));
  }

  DoubleSeries doubles() {
    return DoubleSeries.of(
        Arrays.stream(values, 0, size).mapToDouble(Double::longBitsToDouble).toArray());
  }
}
