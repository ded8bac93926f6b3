package io.sparsescope.experiments.search;

import java.util.Arrays;

/**
 * What a candidate's records have scored so far, and whether it can still pass. A record's value is
 * not known (NaN in {@link #values}), doubtful, or settled.
 */
final class Tally {
  private final Target target;
  private final double best;
  private final double slack;
  private final double[] values;
  private int open;
  private double sum;

  /**
   * @param best the highest score of a record; what is not settled may turn out to be it
   * @param slack how much each settled value may be too low
   */
  Tally(Target target, int records, double best, double slack) {
    this.target = target;
    this.best = best;
    this.slack = slack;
    values = new double[records];
    Arrays.fill(values, Double.NaN);
    open = records;
  }

  /** Settles a record that was not. */
  void settle(int record, double value) {
    values[record] = value;
    sum += value;
    open--;
  }

  /** Whether a record's value is settled; one that is no number never is. */
  boolean isSettled(int record) {
    return !Double.isNaN(values[record]);
  }

  double value(int record) {
    return values[record];
  }

  /** How much the records that are not settled may lose before the candidate fails. */
  double reserve() {
    return reach() + open * best - target.needed();
  }

  /** Whether the candidate fails whatever the records that are not settled score. */
  boolean fails() {
    return target.isOutOfReach(reach(), open, best);
  }

  private double reach() {
    return sum + (values.length - open) * slack;
  }
}
