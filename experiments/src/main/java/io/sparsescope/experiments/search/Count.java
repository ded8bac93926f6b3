package io.sparsescope.experiments.search;

/** Counts the records that a unit's search has run, and tells its progress. Used under one lock. */
final class Count {
  private final UnitProgress progress;
  private final long total;
  private int alive;
  private long run;

  /**
   * @param records number of records
   * @param candidates number of thresholds
   */
  Count(UnitProgress progress, int records, int candidates) {
    this.progress = progress;
    total = (long) records * candidates;
    alive = candidates;
  }

  /** Tells how many candidates may be the answer. */
  void alive(int candidates) {
    alive = candidates;
  }

  /** Tells that one is not. */
  void failed() {
    alive--;
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
