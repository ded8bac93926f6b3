package io.sparsescope.experiments.search;

/** Is told how far the search for one unit's threshold is. */
@FunctionalInterface
public interface UnitProgress {
  /** Is told nothing. */
  UnitProgress NONE = (alive, done, total) -> {};

  /**
   * Called now and then, by one thread at a time.
   *
   * @param alive candidates that may still turn out to be the answer
   * @param done records run, each as often as it was run
   * @param total records that will be run at most
   */
  void report(int alive, long done, long total);
}
