package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * What a candidate has to reach: at least {@code (1 - R)} times the dense model's sum. Where that
 * sum is not above 0, as with errors that count negative, R is instead what may be lost on average
 * by each record. Sums are taken in the order of the records, so that they are the same double
 * whoever takes them; for metrics of 0 and 1 they are exact.
 *
 * @param baseline the dense model's sum
 * @param records number of records
 * @param tolerance R, at least 0; below 1 where the baseline is above 0
 * @param needed the smallest double that reaches it: a candidate passes if its sum is not below
 */
public record Target(double baseline, int records, double tolerance, double needed) {

  /**
   * Sets a target.
   *
   * @throws ExperimentException if the tolerance makes no sense, or the baseline is no number
   */
  public static Target of(double baseline, int records, double tolerance) {
    if (!(tolerance >= 0) || Double.isInfinite(tolerance) || (baseline > 0 && tolerance >= 1)) {
      throw new ExperimentException(
          "--tolerance "
              + tolerance
              + ": give the share of accuracy that may be lost, for example 0.001");
    }
    if (!Double.isFinite(baseline)) {
      throw new ExperimentException(
          "the dense model's score is "
              + baseline
              + ", which nothing compares with; check the data"
              + " and the metric");
    }
    // As the decimal that was written: 1 - 0.1 of 10 is 9, which doubles miss.
    BigDecimal share = BigDecimal.valueOf(tolerance);
    BigDecimal exact = new BigDecimal(baseline);
    BigDecimal bound =
        baseline > 0
            ? exact.multiply(BigDecimal.ONE.subtract(share))
            : exact.subtract(share.multiply(BigDecimal.valueOf(records)));
    double needed = bound.round(MathContext.DECIMAL128).doubleValue();
    while (new BigDecimal(needed).compareTo(bound) < 0) {
      needed = Math.nextUp(needed);
    }
    return new Target(baseline, records, tolerance, needed);
  }

  /** Whether a sum is good enough. */
  public boolean passes(double sum) {
    return sum >= needed;
  }

  /** How much less than the dense model's sum is still good enough. */
  public double allowedLoss() {
    return baseline - needed;
  }

  /**
   * Whether a candidate fails whatever the records to come score. Partial sums in an order other
   * than the records' round differently; what that can amount to is allowed for.
   *
   * @param sum sum over the records run so far
   * @param left records to come
   * @param best the highest score of a record
   */
  public boolean isOutOfReach(double sum, int left, double best) {
    double reach = sum + left * best;
    double slack = 1e-9 * (Math.abs(reach) + Math.abs(needed));
    return reach < needed - slack;
  }

  /** Adds values up in their order. */
  public static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
