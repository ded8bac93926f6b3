package io.sparsescope.profile;

import java.util.Arrays;

/**
 * Counting loops over lanes of 32 bits, one, two or four elements a lane. Plain integer arithmetic,
 * element by element into an array of sums and without a branch: the shape that C2 vectorizes. Each
 * loop is a method of its own, so that it is compiled on its own.
 */
final class IntLanes {
  private IntLanes() {}

  /** Sums: non-zeros in the low half, NaNs in the high half. */
  static void addFloat32(int[] values, int[] sums, int length) {
    for (int i = 0; i < length; i++) {
      int magnitude = values[i] & 0x7fff_ffff;
      sums[i] += ((magnitude + 0x7fff_ffff) >>> 31) + (((0x7f80_0000 - magnitude) >>> 31) << 16);
    }
  }

  /**
   * Sums: zeros in the low half, elements of a magnitude below the cut in the high half.
   *
   * @param cut bits of a float that is not negative
   */
  static void addSmallFloat32(int[] values, int[] sums, int length, int cut) {
    for (int i = 0; i < length; i++) {
      int magnitude = values[i] & 0x7fff_ffff;
      sums[i] += ((magnitude - 1) >>> 31) + (((magnitude - cut) >>> 31) << 16);
    }
  }

  /** Two elements a lane. Sums: non-zeros in bytes 0 and 2, NaNs in bytes 1 and 3. */
  static void addFloat16(int[] values, int[] sums, int length) {
    addNonZeroFloats16(values, sums, length);
    addNan16(values, sums, length, 0x7c00_7c00);
  }

  /** As {@link #addFloat16}. */
  static void addBfloat16(int[] values, int[] sums, int length) {
    addNonZeroFloats16(values, sums, length);
    addNan16(values, sums, length, 0x7f80_7f80);
  }

  // Two loops, since C2 vectorizes each of them but not the two in one.

  private static void addNonZeroFloats16(int[] values, int[] sums, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] += (((values[i] & 0x7fff_7fff) + 0x7fff_7fff) >>> 15) & 0x0001_0001;
    }
  }

  /**
   * @param infinity the magnitude that NaNs lie above, in both elements
   */
  private static void addNan16(int[] values, int[] sums, int length, int infinity) {
    int above = 0x7fff_7fff - infinity;
    for (int i = 0; i < length; i++) {
      // The sum reaches bit 15 where the magnitude exceeds infinity.
      sums[i] += (((values[i] & 0x7fff_7fff) + above) >>> 7) & 0x0100_0100;
    }
  }

  /** Four elements a lane. Sums: non-zeros in each byte. */
  static void addInt8(int[] values, int[] sums, int length, int zero) {
    for (int i = 0; i < length; i++) {
      int v = values[i] ^ zero;
      sums[i] += ((((v & 0x7f7f_7f7f) + 0x7f7f_7f7f) | v) >>> 7) & 0x0101_0101;
    }
  }

  /** Two elements a lane. Sums: non-zeros in each half. */
  static void addInt16(int[] values, int[] sums, int length, int zero) {
    for (int i = 0; i < length; i++) {
      int v = values[i] ^ zero;
      sums[i] += ((((v & 0x7fff_7fff) + 0x7fff_7fff) | v) >>> 15) & 0x0001_0001;
    }
  }

  /** Sums: non-zeros in the low half. */
  static void addInt32(int[] values, int[] sums, int length, int zero) {
    for (int i = 0; i < length; i++) {
      int v = values[i] ^ zero;
      sums[i] += (v | -v) >>> 31;
    }
  }

  static int sumLowHalves(int[] sums, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += sums[i] & 0xffff;
    }
    return sum;
  }

  static int sumHighHalves(int[] sums, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += sums[i] >>> 16;
    }
    return sum;
  }

  static int sumEvenBytes(int[] sums, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (sums[i] & 0xff) + ((sums[i] >>> 16) & 0xff);
    }
    return sum;
  }

  static int sumOddBytes(int[] sums, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += ((sums[i] >>> 8) & 0xff) + (sums[i] >>> 24);
    }
    return sum;
  }

  static void clear(int[] sums, int length) {
    Arrays.fill(sums, 0, length, 0);
  }
}
