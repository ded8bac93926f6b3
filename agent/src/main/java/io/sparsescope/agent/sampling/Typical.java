package io.sparsescope.agent.sampling;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What a time typically is for inputs of a size: the median of the latest few among inputs of like
 * size (four groups to a doubling, within which time is taken to grow with size). A model that runs
 * on batches of 1 and of 8 in turn has two typical times, not one in between. Safe for use by many
 * threads.
 */
final class Typical {
  private static final int PER_DOUBLING = 4;

  private final AtomicReferenceArray<Recent> groups =
      new AtomicReferenceArray<>(PER_DOUBLING * Long.SIZE);

  /**
   * @param size elements of the inputs; 0 is taken for 1
   * @param nanos may be negative
   */
  void add(long size, long nanos) {
    int index = index(size);
    Recent group = groups.get(index);
    if (group == null) {
      groups.compareAndSet(index, null, new Recent());
      group = groups.get(index);
    }
    group.add((long) (nanos * (floor(index) / Math.max(1, size))));
  }

  /** How many of the latest values for inputs of like size are known. */
  int known(long size) {
    Recent group = groups.get(index(size));
    return group == null ? 0 : group.size();
  }

  /** Nanoseconds for inputs of this size; 0 if nothing is known. */
  long of(long size) {
    int index = index(size);
    Recent group = groups.get(index);
    return group == null ? 0 : (long) (group.median() * (Math.max(1, size) / floor(index)));
  }

  private static int index(long size) {
    if (size < PER_DOUBLING) {
      return (int) Math.max(1, size);
    }
    int doublings = 63 - Long.numberOfLeadingZeros(size);
    return PER_DOUBLING * (doublings - 1) + (int) (size >>> (doublings - 2)) - PER_DOUBLING;
  }

  /** The smallest size of a group. */
  private static double floor(int index) {
    if (index < PER_DOUBLING) {
      return index;
    }
    return Math.scalb(PER_DOUBLING + index % PER_DOUBLING, index / PER_DOUBLING - 1);
  }
}
