package io.sparsescope.experiments.search;

/** Counts the records that a unit's search has run, and tells its progress. Used under one lock. */
final class Count {
  private final UnitProgress progress;
  private final int candidates;
  private final long total;
  private int alive;
  private long run;

  /**
   * @param records number of records
   * @param candidates number of thresholds
   */
  Count(UnitProgress progress, int records, int candidates) {
    this.progress = progress;
    this.candidates = candidates;
    total = (long) records * candidates;
    alive = candidates;
  }

  /** Begins with a candidate; those before it have failed. */
  void candidate(int index) {
    alive = candidates - index;
  }

  /** Adds records that were run. */
  void add(int records) {
    run += records;
    progress.report(alive, run, Math.max(run, total));
  }

  /** Records run so far. */
  long run() {
    return run;
  }
}
