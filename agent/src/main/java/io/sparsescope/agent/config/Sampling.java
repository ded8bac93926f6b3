package io.sparsescope.agent.config;

import java.time.Duration;

/** Which runs of a session are counted. */
public sealed interface Sampling {

  /** Whether every run is counted. */
  default boolean isAll() {
    // Not by the record's equals: the JVM takes tens of milliseconds to make it.
    return this instanceof Every every && every.n() == 1;
  }

  /**
   * {@code 1/N}: every N-th run, the first one included.
   *
   * @param n at least 1
   */
  record Every(int n) implements Sampling {}

  /**
   * {@code budget=2%}: as many runs as keep what counting costs below a share of the time spent in
   * runs.
   *
   * @param share above 0, at most 1
   */
  record Budget(double share) implements Sampling {}

  /**
   * {@code window=10s/10m}: every run of the first {@code length} of each {@code period}.
   *
   * @param length shorter than the period
   * @param period at least 100 ms
   */
  record Window(Duration length, Duration period) implements Sampling {}
}
