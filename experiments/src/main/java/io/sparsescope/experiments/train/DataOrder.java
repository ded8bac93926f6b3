package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.CounterRandom.Purpose;

/**
 * Which record comes when: every epoch all of them, in an order of its own that the seed tells.
 * Batches go on from one epoch into the next, so that all are full. Used by one thread.
 */
final class DataOrder {
  private final int[] order;
  private final long seed;
  private long epoch = -1;

  DataOrder(int records, long seed) {
    order = new int[records];
    this.seed = seed;
  }

  /** The record at a place in the stream of all epochs. */
  int record(long place) {
    long wanted = place / order.length;
    if (wanted != epoch) {
      shuffle(wanted);
      epoch = wanted;
    }
    return order[(int) (place % order.length)];
  }

  private void shuffle(long number) {
    long key = CounterRandom.key(seed, Purpose.ORDER, number);
    for (int i = 0; i < order.length; i++) {
      int j = CounterRandom.below(i + 1, key, i);
      order[i] = order[j];
      order[j] = i;
    }
  }
}
