package io.sparsescope.it.bench;

import java.util.Arrays;
import java.util.Locale;

/** First quartile, median and third quartile of measurements. */
record Quartiles(double q1, double median, double q3) {

  /**
   * @throws IllegalArgumentException if there are no values
   */
  static Quartiles of(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  /** Quartiles of a[i] / b[i]: measurements made beside each other. */
  static Quartiles ofRatios(double[] a, double[] b) {
    double[] ratios = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      ratios[i] = a[i] / b[i];
    }
    return of(ratios);
  }

  /** For example {@code 1.081 [1.075, 1.092]}. */
  String format(int digits) {
    String figure = "%." + digits + "f";
    return String.format(Locale.ROOT, figure + " [" + figure + ", " + figure + "]", median, q1, q3);
  }

  private static double at(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
