package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Score;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A candidate whose batches are run until it is certain that it fails, or all are run. What comes
 * of them is added up in the order of the batches, so that timing does not show. Everything but
 * {@link #values} and {@link #threshold} is called under one lock.
 */
final class Race {
  private final SearchSetup setup;
  private final List<int[]> batches;
  private final Rounding rounding;
  private final double threshold;
  private final BatchRuns candidate;
  private final Tally tally;

  /** Values of batches that wait for those before them; NaN for what rounding may have decided. */
  private final Map<Integer, double[]> waiting = new HashMap<>();

  private int started;
  private int underWay;
  private int added;
  private int records;
  private double lastLoss;
  private boolean failed;

  /**
   * @param batches those to be run, which need not be all
   * @param threshold what it is the candidate of; 0 for several thresholds at once
   */
  Race(
      SearchSetup setup,
      List<int[]> batches,
      Rounding rounding,
      double threshold,
      BatchRuns candidate) {
    this.setup = setup;
    this.batches = batches;
    this.rounding = rounding;
    this.threshold = threshold;
    this.candidate = candidate;
    double best = setup.metric().best();
    double slack = setup.metric().countsHits() ? 0 : rounding.slack(best);
    tally = new Tally(setup.target(), setup.samples().size(), best, slack);
  }

  double threshold() {
    return threshold;
  }

  Tally tally() {
    return tally;
  }

  /** Records that were run and added up. */
  int records() {
    return records;
  }

  boolean failed() {
    return failed;
  }

  /** Whether it is known how it ends, or all is known that these runs can tell. */
  boolean isOver() {
    return failed || added == batches.size();
  }

  boolean isIdle() {
    return underWay == 0;
  }

  boolean canStart() {
    return !failed && started < batches.size();
  }

  /** Whether it will fail by the batches that are under way, if they lose as much as the last. */
  boolean hasEnough() {
    return underWay > 0 && lastLoss * underWay >= tally.reserve();
  }

  /** The next batch, which has to be added. */
  int start() {
    underWay++;
    return started++;
  }

  /** Runs a batch: its records' values. Called by several threads at once. */
  double[] values(int batch) {
    float[][] rows = candidate.run(batch);
    int[] numbers = batches.get(batch);
    double[] values = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      Score score = setup.samples().score(setup.metric(), numbers[i], rows[i]);
      boolean doubtful = setup.metric().countsHits() && rounding.doubts(score, rows[i]);
      values[i] = doubtful ? Double.NaN : score.value();
    }
    return values;
  }

  void add(int batch, double[] values) {
    underWay--;
    waiting.put(batch, values);
    while (!failed && waiting.containsKey(added)) {
      double[] next = waiting.remove(added);
      double before = tally.reserve();
      for (int i = 0; i < next.length; i++) {
        if (!Double.isNaN(next[i])) {
          tally.settle(batches.get(added)[i], next[i]);
        }
      }
      lastLoss = before - tally.reserve();
      records += next.length;
      added++;
      failed = tally.fails();
    }
  }

  /** Frees the candidate, once it is over and idle. */
  void close() {
    candidate.close();
  }
}
