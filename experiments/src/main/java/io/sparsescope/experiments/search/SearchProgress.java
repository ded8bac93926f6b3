package io.sparsescope.experiments.search;

/** Is told how far a search is. */
@FunctionalInterface
public interface SearchProgress {
  /** Is told nothing. */
  SearchProgress NONE = step -> {};

  /**
   * Where a search is.
   *
   * @param doing what it does, in a few words: "conv1, 7 thresholds left"
   * @param unitsDone layers or blocks whose thresholds are found
   * @param units layers or blocks in all; 0 before they are known
   * @param share of the search for them that is done, from 0 to 1
   */
  record Step(String doing, int unitsDone, int units, double share) {}

  /** Called now and then, by one thread at a time. */
  void report(Step step);
}
