package io.sparsescope.profile;

import java.util.Arrays;

/** As {@link IntLanes}, over elements of 64 bits. */
final class LongLanes {
  private LongLanes() {}

  /** Sums: non-zeros in the low half, NaNs in the high half. */
  static void addFloat64(long[] values, long[] sums, int length) {
    for (int i = 0; i < length; i++) {
      long magnitude = values[i] & Long.MAX_VALUE;
      sums[i] +=
          ((magnitude + Long.MAX_VALUE) >>> 63)
              + (((0x7ff0_0000_0000_0000L - magnitude) >>> 63) << 32);
    }
  }

  /** Sums: non-zeros in the low half. */
  static void addInt64(long[] values, long[] sums, int length, long zero) {
    for (int i = 0; i < length; i++) {
      long v = values[i] ^ zero;
      sums[i] += (v | -v) >>> 63;
    }
  }

  static long sumLowHalves(long[] sums, int length) {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      sum += sums[i] & 0xffff_ffffL;
    }
    return sum;
  }

  static long sumHighHalves(long[] sums, int length) {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      sum += sums[i] >>> 32;
    }
    return sum;
  }

  static void clear(long[] sums, int length) {
    Arrays.fill(sums, 0, length, 0);
  }
}
