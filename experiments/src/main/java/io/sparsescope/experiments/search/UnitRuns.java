package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A unit's part of the model, to be run at one threshold after the other. */
final class UnitRuns implements AutoCloseable {
  /** A difference of this share of the output's largest value is no rounding. */
  private static final double OTHER_MODEL = 1e-2;

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
    double[] seen = {0, 0};
    try (CandidateRuns dense = at(0)) {
      AtomicInteger next = new AtomicInteger();
      workers.run(
          () -> {
            int i = next.getAndIncrement();
            if (i < checked.size()) {
              compare(checked.get(i), dense.run(checked.get(i)), seen);
            }
            return i < checked.size();
          });
    }
    if (seen[0] > OTHER_MODEL * Math.max(seen[1], Double.MIN_NORMAL)) {
      return Optional.empty();
    }
    boolean jumps = steps.present() || (on == On.ACTIVATIONS && seen[0] > 0);
    return Optional.of(new Rounding(seen[0], jumps ? Rounding.STEPS : Rounding.SMOOTH, seen[1]));
  }

  /** Notes the largest difference between margins, and the largest value of an output. */
  private void compare(int batch, float[][] rows, double[] seen) {
    int[] records = batches.get(batch);
    for (int i = 0; i < records.length; i++) {
      Score inParts = setup.samples().score(setup.metric(), records[i], rows[i]);
      double whole = setup.samples().dense(records[i]).margin();
      double difference = inParts.margin() == whole ? 0 : Math.abs(inParts.margin() - whole);
      synchronized (seen) {
        seen[0] = Math.max(seen[0], difference);
        seen[1] = Math.max(seen[1], Rounding.largest(rows[i]));
      }
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
