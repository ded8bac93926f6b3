package io.sparsescope.experiments.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Records in the order of the dense model's margin: first those that are wrong anyway, which
 * settles what a candidate can win, then those near the border, which it loses first.
 */
final class MarginOrder {
  /** Small enough to stop early and to stay in the processor's caches. */
  private static final int BATCH = 16;

  private MarginOrder() {}

  /** All records, batch by batch. */
  static List<int[]> batches(SearchSetup setup) {
    SampleSet samples = setup.samples();
    int[] order =
        IntStream.range(0, samples.size())
            .boxed()
            .sorted(Comparator.comparingDouble(record -> samples.dense(record).margin()))
            .mapToInt(Integer::intValue)
            .toArray();
    int size = samples.batchSize(Math.min(BATCH, setup.batch()));
    List<int[]> batches = new ArrayList<>();
    for (int i = 0; i < order.length; i += size) {
      batches.add(Arrays.copyOfRange(order, i, Math.min(order.length, i + size)));
    }
    return batches;
  }
}
