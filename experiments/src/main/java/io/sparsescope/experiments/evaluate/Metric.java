package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;

/**
 * Judges one record's output values. An implementation keeps no state: one instance is used by
 * several threads, and a record's score depends on its row alone.
 *
 * <p>A user's own metric is public with a public constructor without parameters; {@link
 * Metrics#parse} finds it by its class name, or by its {@link #name()} where it is registered as a
 * service.
 */
public interface Metric {

  /** What the command line and reports call it, for example {@code top-1}. */
  String name();

  /** Whether records must have labels; if not, outputs are compared with the dense model's own. */
  boolean needsLabels();

  /** The highest score that a record can have. */
  double best();

  /**
   * Judges a record.
   *
   * @throws ExperimentException if the row cannot be judged, for example where its label is no
   *     class of the model; the message need not name the record
   */
  Score score(Row row);

  /** Whether the dense model's own values are needed; the opposite of labels, unless said so. */
  default boolean needsDense() {
    return !needsLabels();
  }

  /** Whether every score is 0 or 1, so that the mean is the share of records that are right. */
  default boolean countsHits() {
    return false;
  }
}
