package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Score;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the dense model in another way than the plain one, over some batches, and looks how far its
 * scores are off.
 */
final class RoundingCheck {
  /** A difference of this share of the output's largest value is no rounding. */
  private static final double OTHER_MODEL = 1e-2;

  private final SearchSetup setup;
  private final List<int[]> batches;

  /** The largest difference between margins that was seen. */
  private double difference;

  /** The largest value of an output that was seen. */
  private double largest;

  private RoundingCheck(SearchSetup setup, List<int[]> batches) {
    this.setup = setup;
    this.batches = batches;
  }

  /**
   * @param batches all of them
   * @param checked numbers of those to run
   * @param dense runs the dense model the other way
   * @param on what candidates threshold
   * @return nothing if it is another model: if records influence each other, so that it matters
   *     which of them share a run
   */
  static Optional<Rounding> of(
      SearchSetup setup,
      List<int[]> batches,
      List<Integer> checked,
      BatchRuns dense,
      Workers workers,
      On on,
      Steps steps) {
    RoundingCheck check = new RoundingCheck(setup, batches);
    AtomicInteger next = new AtomicInteger();
    workers.run(
        () -> {
          int i = next.getAndIncrement();
          if (i < checked.size()) {
            check.compare(checked.get(i), dense.run(checked.get(i)));
          }
          return i < checked.size();
        });
    return check.rounding(on, steps);
  }

  private synchronized void compare(int batch, float[][] rows) {
    int[] records = batches.get(batch);
    for (int i = 0; i < records.length; i++) {
      Score score = setup.samples().score(setup.metric(), records[i], rows[i]);
      double plain = setup.samples().dense(records[i]).margin();
      if (score.margin() != plain) {
        difference = Math.max(difference, Math.abs(score.margin() - plain));
      }
      largest = Math.max(largest, Rounding.largest(rows[i]));
    }
  }

  private synchronized Optional<Rounding> rounding(On on, Steps steps) {
    if (difference > OTHER_MODEL * Math.max(largest, Double.MIN_NORMAL)) {
      return Optional.empty();
    }
    boolean jumps = steps.present() || (on == On.ACTIVATIONS && difference > 0);
    return Optional.of(new Rounding(difference, jumps ? Rounding.STEPS : Rounding.SMOOTH, largest));
  }
}
