package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Counts magnitudes in raw tensor memory. The upper bits of a float, without its sign, are its
 * step's number but for an offset, so that a normal number takes a shift and an addition;
 * denormals, which are rare, are looked at again.
 *
 * <p>Safe for use by several threads.
 */
public enum HistogramCounter {
  FLOAT32(FloatReader.FLOAT32, 8, 23),
  FLOAT64(FloatReader.FLOAT64, 11, 52),
  FLOAT16(FloatReader.FLOAT16, 5, 10),
  BFLOAT16(FloatReader.BFLOAT16, 8, 7);

  /** Elements one after another are counted in different tables, so that none waits for another. */
  private static final int TABLES = 4;

  /** Bits of the fraction that tell a step within its power of two. */
  private static final int STEP_BITS = 3;

  private final FloatReader reader;
  private final int exponentBits;
  private final int fractionBits;

  HistogramCounter(FloatReader reader, int exponentBits, int fractionBits) {
    this.reader = reader;
    this.exponentBits = exponentBits;
    this.fractionBits = fractionBits;
  }

  /** Whether {@link #of} knows the type. */
  public static boolean canCount(String type) {
    return FloatReader.canRead(type);
  }

  /**
   * The counter for an element type by its profile name.
   *
   * @throws IllegalArgumentException for a type without magnitudes that a histogram could tell
   */
  public static HistogramCounter of(String type) {
    if (!canCount(type)) {
      throw new IllegalArgumentException(type + " has no histogram");
    }
    return valueOf(FloatReader.find(type).name());
  }

  /**
   * Counts the remaining bytes, little-endian; position and limit stay.
   *
   * @param counts what {@link ZeroCounter} found in them
   * @throws IllegalArgumentException if the bytes are not as many as the counts say
   */
  public Histogram count(ByteBuffer values, Counts counts) {
    if (values.remaining() != counts.elements() * reader.size()) {
      throw new IllegalArgumentException(
          values.remaining() + " bytes are not " + counts.elements() + " elements");
    }
    ByteBuffer view = values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int bits = exponentBits + STEP_BITS;
    int[] tables = new int[TABLES << bits];
    switch (this) {
      case FLOAT32 -> countFloat32(view, tables);
      case FLOAT64 -> countFloat64(view, tables);
      default -> countFloat16(view, tables, fractionBits - STEP_BITS, (1 << bits) - 1);
    }
    return histogram(view, counts, tables, 1 << bits);
  }

  private static void countFloat32(ByteBuffer view, int[] tables) {
    Scratch scratch = Scratch.take();
    IntBuffer lanes = view.asIntBuffer();
    int length = lanes.remaining();
    for (int at = 0; at < length; at += Scratch.LENGTH) {
      int row = Math.min(Scratch.LENGTH, length - at);
      lanes.get(at, scratch.ints, 0, row);
      addFloat32(scratch.ints, row, tables);
    }
    Scratch.giveBack(scratch);
  }

  private static void addFloat32(int[] values, int length, int[] tables) {
    int i = 0;
    for (; i + 3 < length; i += 4) {
      tables[values[i] >>> 20 & 0x7ff]++;
      tables[2048 | values[i + 1] >>> 20 & 0x7ff]++;
      tables[4096 | values[i + 2] >>> 20 & 0x7ff]++;
      tables[6144 | values[i + 3] >>> 20 & 0x7ff]++;
    }
    for (; i < length; i++) {
      tables[values[i] >>> 20 & 0x7ff]++;
    }
  }

  private static void countFloat64(ByteBuffer view, int[] tables) {
    int length = view.remaining() / 8;
    for (int i = 0; i < length; i++) {
      int step = (int) (view.getLong(view.position() + 8 * i) >>> 49) & 0x3fff;
      tables[(i & 3) << 14 | step]++;
    }
  }

  private static void countFloat16(ByteBuffer view, int[] tables, int shift, int mask) {
    int length = view.remaining() / 2;
    for (int i = 0; i < length; i++) {
      int step = view.getShort(view.position() + 2 * i) >>> shift & mask;
      tables[(i & 3) * (mask + 1) + step]++;
    }
  }

  private Histogram histogram(ByteBuffer view, Counts counts, int[] tables, int steps) {
    int bias = (1 << (exponentBits - 1)) - 1;
    // Denormals may be far below: as far as the fraction has bits.
    int room = Histogram.STEPS * fractionBits;
    long[] all = new long[room + steps];
    for (int i = 0; i < tables.length; i++) {
      all[room + i % steps] += tables[i];
    }
    int offset = Histogram.STEPS * -bias - room;
    clearInfiniteAndNaN(all, room + steps - Histogram.STEPS, counts.nan());
    long small = 0;
    for (int i = 0; i < Histogram.STEPS; i++) {
      small += all[room + i];
      all[room + i] = 0;
    }
    if (small > counts.zeros()) {
      addDenormals(view, all, offset);
    }
    return Histogram.of(offset, all);
  }

  /** Of the largest exponent only infinities are counted. */
  private static void clearInfiniteAndNaN(long[] all, int first, long nan) {
    long both = 0;
    for (int i = first; i < all.length; i++) {
      both += all[i];
      all[i] = 0;
    }
    all[first] = both - nan;
  }

  private void addDenormals(ByteBuffer view, long[] all, int offset) {
    double least = Math.scalb(1.0, 2 - (1 << (exponentBits - 1)));
    for (int at = view.position(); at < view.limit(); at += reader.size()) {
      double magnitude = Math.abs(reader.get(view, at));
      if (magnitude > 0 && magnitude < least) {
        all[Histogram.step(magnitude) - offset]++;
      }
    }
  }
}
