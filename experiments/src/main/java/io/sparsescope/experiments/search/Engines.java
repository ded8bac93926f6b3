package io.sparsescope.experiments.search;

/** Chooses how thresholds are looked for. */
final class Engines {
  private Engines() {}

  /**
   * Opens an engine; all find the same thresholds.
   *
   * @param exhaustive the plain way
   */
  static UnitSearch open(SearchSetup setup, boolean exhaustive) {
    return exhaustive ? new ExhaustiveSearch(setup) : new FastSearch(setup);
  }
}
