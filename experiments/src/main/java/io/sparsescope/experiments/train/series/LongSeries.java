package io.sparsescope.experiments.train.series;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Whole numbers, one a step. Immutable; a number takes eight bytes. */
public final class LongSeries {
  public static final LongSeries EMPTY = new LongSeries(new long[0]);

  private final long[] values;

  private LongSeries(long[] values) {
    this.values = values;
  }

  /** The numbers. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static LongSeries of(long... values) {
    return new LongSeries(values.clone());
  }

  public int size() {
    return values.length;
  }

  /** The number at a place, from 0. */
  public long get(int at) {
    return values[at];
  }

  /** All of them. */
  @JsonValue
  public long[] toArray() {
    return values.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongSeries s && Arrays.equals(values, s.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}
