package io.sparsescope.experiments.search;

import java.util.List;

/**
 * Looks for a unit's threshold. Every implementation gives the same thresholds and scores: those
 * that {@link ExhaustiveSearch} finds. Used by one thread; an implementation may use more.
 */
public interface UnitSearch extends AutoCloseable {

  /**
   * The highest of the thresholds at which the metric's sum over the samples reaches what the
   * target needs, all other units dense.
   *
   * @param thresholds the grid, strictly descending, all above 0
   * @param progress is told how far it is
   * @throws io.sparsescope.experiments.ExperimentException if the model does not run
   */
  UnitResult search(SearchUnit unit, List<Double> thresholds, UnitProgress progress);

  /** Frees sessions. */
  @Override
  void close();
}
