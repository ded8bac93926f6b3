package io.sparsescope.agent.sampling;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The latest few values of something that is measured over and over. Safe for use by many threads
 * without a lock; a reader may meet a value that is not quite the latest.
 */
final class Recent {
  static final int SIZE = 64;

  private final AtomicLongArray values = new AtomicLongArray(SIZE);
  private final AtomicLong added = new AtomicLong();

  void add(long value) {
    values.setRelease((int) (added.getAndIncrement() % SIZE), value);
  }

  /** How many values there are. */
  int size() {
    return (int) Math.min(SIZE, added.get());
  }

  /** The middle one, the lower of two; 0 if there is none. */
  long median() {
    int size = size();
    if (size == 0) {
      return 0;
    }
    long[] sorted = new long[size];
    for (int i = 0; i < size; i++) {
      sorted[i] = values.getAcquire(i);
    }
    Arrays.sort(sorted);
    return sorted[(size - 1) / 2];
  }
}
