package io.sparsescope.experiments.search;

/** Chooses how thresholds are looked for. Whatever the way, what is found is the same. */
final class Engines {
  private Engines() {}

  /**
   * Opens an engine.
   *
   * @param exhaustive the plain way
   */
  static UnitSearch open(SearchSetup setup, boolean exhaustive) {
    return exhaustive ? new ExhaustiveSearch(setup) : new FastSearch(setup);
  }

  /**
   * What tries thresholds together.
   *
   * @param exhaustive the plain way
   */
  static JointTrials trials(SearchSetup setup, Evaluation evaluation, On on, boolean exhaustive) {
    JointTrials plain = JointTrials.plain(setup, evaluation);
    return exhaustive ? plain : new FastTrials(setup, plain, on);
  }
}
