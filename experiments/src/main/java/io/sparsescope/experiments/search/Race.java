package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Score;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a candidate's batches side by side until it is certain that it fails, or all are run. What
 * comes of them is added up in the order of the batches, so that timing does not show.
 */
final class Race {
  private final SearchSetup setup;
  private final List<int[]> batches;
  private final Tally tally;
  private final Rounding rounding;
  private final Count count;

  /** Values of batches that wait for those before them; NaN for what rounding may have decided. */
  private final Map<Integer, double[]> waiting = new HashMap<>();

  private int started;
  private int added;
  private boolean failed;

  Race(SearchSetup setup, List<int[]> batches, Tally tally, Rounding rounding, Count count) {
    this.setup = setup;
    this.batches = batches;
    this.tally = tally;
    this.rounding = rounding;
    this.count = count;
  }

  void run(Workers workers, CandidateRuns candidate) {
    workers.run(
        () -> {
          int batch = start();
          if (batch >= 0) {
            add(batch, values(batch, candidate.run(batch)));
          }
          return batch >= 0;
        });
  }

  private synchronized int start() {
    return failed || started == batches.size() ? -1 : started++;
  }

  private double[] values(int batch, float[][] rows) {
    int[] records = batches.get(batch);
    double[] values = new double[records.length];
    for (int i = 0; i < records.length; i++) {
      Score score = setup.samples().score(setup.metric(), records[i], rows[i]);
      boolean doubtful = setup.metric().countsHits() && rounding.doubts(score, rows[i]);
      values[i] = doubtful ? Double.NaN : score.value();
    }
    return values;
  }

  private synchronized void add(int batch, double[] values) {
    waiting.put(batch, values);
    while (!failed && waiting.containsKey(added)) {
      double[] next = waiting.remove(added);
      int[] records = batches.get(added++);
      for (int i = 0; i < next.length; i++) {
        if (!Double.isNaN(next[i])) {
          tally.settle(records[i], next[i]);
        }
      }
      count.add(records.length);
      failed = tally.fails();
    }
  }
}
