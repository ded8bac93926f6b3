package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;

/** How alike a record's values and the dense model's are, or what they should be. */
final class Distances {
  private Distances() {}

  /**
   * Cosine of the angle between the two, computed in float64: 1 for the same values, even if they
   * are all zero or hold the same NaNs; 0 where one side only is all zero; -1 where values that are
   * not finite differ.
   */
  static double cosine(Row row) {
    requireSameSize(row);
    double product = 0;
    double norm = 0;
    double denseNorm = 0;
    boolean same = true;
    for (int i = 0; i < row.output().length; i++) {
      double a = row.output()[i];
      double b = row.dense()[i];
      same &= difference(a, b) == 0;
      product += a * b;
      norm += a * a;
      denseNorm += b * b;
    }
    if (same) {
      return 1;
    }
    if (!Double.isFinite(norm) || !Double.isFinite(denseNorm)) {
      return -1;
    }
    double length = Math.sqrt(norm) * Math.sqrt(denseNorm);
    // Rounding must not lift it over the value for equal rows.
    return length == 0 ? 0 : Math.max(-1, Math.min(1, product / length));
  }

  /** Largest absolute difference; infinite where only one of two values is NaN. */
  static double largest(Row row) {
    requireSameSize(row);
    double largest = 0;
    for (int i = 0; i < row.output().length; i++) {
      largest = Math.max(largest, difference(row.output()[i], row.dense()[i]));
    }
    return largest;
  }

  /** Mean of the squared differences; infinite where only one of two values is NaN. */
  static double meanSquare(Row row) {
    requireSameSize(row);
    double sum = 0;
    for (int i = 0; i < row.output().length; i++) {
      double difference = difference(row.output()[i], row.dense()[i]);
      sum += difference * difference;
    }
    return row.output().length == 0 ? 0 : sum / row.output().length;
  }

  private static double difference(double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.isNaN(a) && Double.isNaN(b) ? 0 : Double.POSITIVE_INFINITY;
    }
    // Equal infinities differ by nothing, though their difference is NaN.
    return a == b ? 0 : Math.abs(a - b);
  }

  static void requireSameSize(Row row) {
    if (row.output().length != row.dense().length) {
      throw new ExperimentException(
          "the output has "
              + row.output().length
              + " values a record, what it is compared with "
              + row.dense().length
              + "; name a model with the same output, or targets of its shape");
    }
  }
}
