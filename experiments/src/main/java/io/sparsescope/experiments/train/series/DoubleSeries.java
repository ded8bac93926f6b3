package io.sparsescope.experiments.train.series;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Numbers, one a step. Immutable; a number takes eight bytes. */
public final class DoubleSeries {
  public static final DoubleSeries EMPTY = new DoubleSeries(new double[0]);

  private final double[] values;

  private DoubleSeries(double[] values) {
    this.values = values;
  }

  /** The numbers. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static DoubleSeries of(double... values) {
    return new DoubleSeries(values.clone());
  }

  public int size() {
    return values.length;
  }

  /** The number at a place, from 0. */
  public double get(int at) {
    return values[at];
  }

  /** All of them. */
  @JsonValue
  public double[] toArray() {
    return values.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DoubleSeries s && Arrays.equals(values, s.values);
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
