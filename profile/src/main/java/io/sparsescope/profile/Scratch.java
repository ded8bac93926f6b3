package io.sparsescope.profile;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The arrays that one count works in. A few are kept for reuse: pooled rather than thread-local,
 * since a service may count on thousands of (virtual) threads. Sums are all zero while pooled.
 */
final class Scratch {
  /** Lanes of 32 bits in a row. */
  static final int LENGTH = 4096;

  private static final AtomicReferenceArray<Scratch> POOL =
      new AtomicReferenceArray<>(Runtime.getRuntime().availableProcessors());

  final int[] ints = new int[LENGTH];
  final int[] intSums = new int[LENGTH];
  final long[] longs = new long[LENGTH / 2];
  final long[] longSums = new long[LENGTH / 2];
  long nonZeros;
  long nan;

  private Scratch() {}

  static Scratch take() {
    for (int i = 0; i < POOL.length(); i++) {
      Scratch pooled = POOL.get(i) == null ? null : POOL.getAndSet(i, null);
      if (pooled != null) {
        return pooled;
      }
    }
    return new Scratch();
  }

  /** Puts a scratch back, or drops it where enough are kept. */
  static void giveBack(Scratch scratch) {
    scratch.nonZeros = 0;
    scratch.nan = 0;
    for (int i = 0; i < POOL.length(); i++) {
      if (POOL.compareAndSet(i, null, scratch)) {
        return;
      }
    }
  }
}
