package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/**
 * How many elements of a tensor have a magnitude of which size: exact counts in eight equal steps
 * of each power of two. Step number {@code 8 e + k} holds the magnitudes from {@code 2^e (1 + k/8)}
 * up to, but without, the next step's first. Zeros and NaNs are in none; infinities are in the step
 * of the power of two that the type no longer holds (128 e of float32). Histograms of any types add
 * up. Immutable.
 */
public final class Histogram {
  /** Steps in each power of two. */
  public static final int STEPS = 8;

  /** Nothing was counted. */
  public static final Histogram NONE = new Histogram(0, new long[0]);

  /** Numbers of the steps of the smallest float64 and of infinities of float64. */
  private static final int LEAST = STEPS * -1074;

  private static final int MOST = STEPS * 1024;

  private final int first;
  private final long[] counts;

  private Histogram(int first, long[] counts) {
    this.first = first;
    this.counts = counts;
  }

  /**
   * @param first number of the first step
   * @param counts elements in this and the following steps
   * @throws IllegalArgumentException if no float64 is of such a step, or a count is negative
   */
  @JsonCreator
  public static Histogram of(
      @JsonProperty("first") int first, @JsonProperty("counts") long[] counts) {
    if (counts == null || Arrays.stream(counts).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException("no histogram: " + Arrays.toString(counts));
    }
    int from = 0;
    int to = counts.length;
    while (from < to && counts[from] == 0) {
      from++;
    }
    while (to > from && counts[to - 1] == 0) {
      to--;
    }
    if (from == to) {
      return NONE;
    }
    if ((long) first + from < LEAST || (long) first + to > MOST + 1) {
      throw new IllegalArgumentException("no histogram: its first step is " + first);
    }
    return new Histogram(first + from, Arrays.copyOfRange(counts, from, to));
  }

  /** Number of the step that a magnitude is in, which is neither 0 nor NaN. */
  static int step(double magnitude) {
    if (magnitude == Double.POSITIVE_INFINITY) {
      return MOST;
    }
    int exponent = Math.getExponent(magnitude);
    if (exponent < Double.MIN_EXPONENT) {
      return step(magnitude * 0x1p64) - STEPS * 64;
    }
    return STEPS * exponent + (int) (Double.doubleToRawLongBits(magnitude) >>> 49 & 7);
  }

  /** The least magnitude of a step: infinite for the number behind the last one. */
  public static double lowest(int step) {
    return Math.scalb(1 + Math.floorMod(step, STEPS) / 8.0, Math.floorDiv(step, STEPS));
  }

  /** Number of the first step that is not empty. */
  @JsonProperty("first")
  public int first() {
    return first;
  }

  /** Elements in the first step that is not empty and in those behind it, up to the last such. */
  @JsonProperty("counts")
  public long[] counts() {
    return counts.clone();
  }

  /** Elements in all steps. */
  long elements() {
    return below(MOST + 1);
  }

  /** Elements of smaller magnitudes than a step's, without zeros. */
  public long below(int step) {
    long sum = 0;
    for (int i = 0; i < counts.length && first + i < step; i++) {
      sum = Math.addExact(sum, counts[i]);
    }
    return sum;
  }

  /**
   * @throws ArithmeticException if a sum leaves the range of long
   */
  Histogram plus(Histogram other) {
    if (counts.length == 0 || other.counts.length == 0) {
      return counts.length == 0 ? other : this;
    }
    int from = Math.min(first, other.first);
    int to = Math.max(first + counts.length, other.first + other.counts.length);
    long[] sum = new long[to - from];
    System.arraycopy(counts, 0, sum, first - from, counts.length);
    for (int i = 0; i < other.counts.length; i++) {
      int at = other.first - from + i;
      sum[at] = Math.addExact(sum[at], other.counts[i]);
    }
    return new Histogram(from, sum);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Histogram h && first == h.first && Arrays.equals(counts, h.counts);
  }

  @Override
  public int hashCode() {
    return 31 * first + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "from step " + first + ": " + Arrays.toString(counts);
  }
}
