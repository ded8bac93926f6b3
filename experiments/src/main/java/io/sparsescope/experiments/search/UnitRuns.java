package io.sparsescope.experiments.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A unit's part of the model, to be run at one threshold after the other. */
final class UnitRuns implements AutoCloseable {
  private final SearchSetup setup;
  private final SearchUnit unit;
  private final CutCache cache;
  private final List<int[]> batches;
  private final String output;
  private UnitModel behindCut;
  private UnitModel fromInputs;

  UnitRuns(SearchSetup setup, SearchUnit unit, CutCache cache, List<int[]> batches, String output) {
    this.setup = setup;
    this.unit = unit;
    this.cache = cache;
    this.batches = batches;
    this.output = output;
  }

  /** The candidate with this threshold, 0 for the dense model. */
  CandidateRuns at(double threshold) {
    return new CandidateRuns(
        cache,
        setup.samples(),
        batches,
        () -> behindCut().at(threshold),
        () -> fromInputs().at(threshold));
  }

  private synchronized UnitModel behindCut() {
    if (behindCut == null) {
      behindCut = UnitModel.of(setup, unit, cache.types(), output);
    }
    return behindCut;
  }

  private synchronized UnitModel fromInputs() {
    if (fromInputs == null) {
      fromInputs = UnitModel.of(setup, unit, cache.inputs(), output);
    }
    return fromInputs;
  }

  /**
   * Runs the dense model in parts and looks how far its scores are from those of the whole one, in
   * batches with the least and the most certain records, and one whose cut is not kept.
   *
   * @return nothing if it is another model: if records influence each other, so that it matters
   *     which of them share a run
   */
  Optional<Rounding> rounding(Workers workers, On on, Steps steps) {
    List<Integer> checked = new ArrayList<>(List.of(0));
    if (cache.size() > 1) {
      checked.add(cache.size() - 1);
    }
    if (cache.size() < batches.size()) {
      checked.add(batches.size() - 1);
    }
    try (CandidateRuns dense = at(0)) {
      return RoundingCheck.of(setup, batches, checked, dense, workers, on, steps);
    }
  }

  @Override
  public synchronized void close() {
    if (behindCut != null) {
      behindCut.close();
    }
    if (fromInputs != null) {
      fromInputs.close();
    }
  }
}
