package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Counts zeros and NaNs in raw tensor memory, exactly, without boxing and, where the JIT compiler
 * can, with vector instructions.
 *
 * <p>Zero is what compares equal to zero: -0.0 is zero, a denormal is not, NaN is not. Types whose
 * elements share bytes (4 and 2 bits), 8-bit floats, strings and complex numbers are not counted.
 *
 * <p>Safe for use by several threads. Apart from small views and the result, nothing is allocated
 * once as many threads as processors have counted.
 */
public enum ZeroCounter {
  FLOAT32(4, 0xffff),
  FLOAT64(8, 0xffff),
  FLOAT16(2, 0xff),
  BFLOAT16(2, 0xff),
  /** int8, uint8, bool. */
  INT8(1, 0xff),
  /** int16, uint16. */
  INT16(2, 0xffff),
  /** int32, uint32. */
  INT32(4, 0xffff),
  /** int64, uint64. */
  INT64(8, 0xffff);

  private final int size;
  private final int maxRows;

  /**
   * @param size bytes of an element
   * @param maxRows rows that an accumulator's fields can add up
   */
  ZeroCounter(int size, int maxRows) {
    this.size = size;
    this.maxRows = maxRows;
  }

  /**
   * The counter for an element type by its profile name ({@code float32}, {@code uint8}...).
   *
   * @throws IllegalArgumentException for a type that cannot be counted
   */
  public static ZeroCounter of(String type) {
    ZeroCounter counter = find(type);
    if (counter == null) {
      throw new IllegalArgumentException("elements of type " + type + " cannot be counted");
    }
    return counter;
  }

  /** Whether {@link #of} knows the type. */
  public static boolean canCount(String type) {
    return find(type) != null;
  }

  private static ZeroCounter find(String type) {
    return switch (type) {
      case "float32" -> FLOAT32;
      case "float64" -> FLOAT64;
      case "float16" -> FLOAT16;
      case "bfloat16" -> BFLOAT16;
      case "int8", "uint8", "bool" -> INT8;
      case "int16", "uint16" -> INT16;
      case "int32", "uint32" -> INT32;
      case "int64", "uint64" -> INT64;
      default -> null;
    };
  }

  /** Bytes that one element takes. */
  public int bytes() {
    return size;
  }

  /** Counts the remaining bytes, little-endian; position and limit stay. */
  public Counts count(ByteBuffer values) {
    return count(values, 0);
  }

  /**
   * Counts the remaining bytes, little-endian; position and limit stay. The buffer may be direct or
   * not, read-only, of any byte order, and begin at any address.
   *
   * @param zeroPoint for integer types the value that stands for zero
   * @throws IllegalArgumentException if the bytes are no whole number of elements, or the zero
   *     point is no value of the type
   */
  public Counts count(ByteBuffer values, long zeroPoint) {
    return count(values, zeroPoint, Scratch.LENGTH);
  }

  /** As above, in rows of {@code chunk} lanes, at most {@link Scratch#LENGTH}. */
  Counts count(ByteBuffer values, long zeroPoint, int chunk) {
    if (values.remaining() % size != 0) {
      throw new IllegalArgumentException(
          values.remaining() + " bytes are no whole number of elements of " + size + " bytes");
    }
    checkZeroPoint(zeroPoint);
    ByteBuffer view = values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Scratch scratch = Scratch.take();
    if (size == 8) {
      countLongs(view, zeroPoint, chunk, scratch);
    } else {
      countInts(view, zeroPoint, chunk, scratch);
    }
    long elements = values.remaining() / size;
    Counts counts = new Counts(elements, elements - scratch.nonZeros, scratch.nan);
    // Not in a finally block: after a failure the sums are not zero.
    Scratch.giveBack(scratch);
    return counts;
  }

  private void checkZeroPoint(long zeroPoint) {
    boolean ok =
        switch (this) {
          case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> zeroPoint == 0;
          case INT8 -> zeroPoint >= Byte.MIN_VALUE && zeroPoint <= 0xff;
          case INT16 -> zeroPoint >= Short.MIN_VALUE && zeroPoint <= 0xffff;
          case INT32 -> zeroPoint >= Integer.MIN_VALUE && zeroPoint <= 0xffff_ffffL;
          case INT64 -> true;
        };
    if (!ok) {
      throw new IllegalArgumentException(
          zeroPoint + " cannot be the zero point of " + name().toLowerCase(Locale.ROOT));
    }
  }

  private void countInts(ByteBuffer view, long zeroPoint, int chunk, Scratch scratch) {
    int zero = replicate(zeroPoint);
    int lanes = view.remaining() / 4;
    var ints = view.asIntBuffer();
    int rows = 0;
    for (int at = 0; at < lanes; at += chunk) {
      int length = Math.min(chunk, lanes - at);
      ints.get(at, scratch.ints, 0, length);
      addInts(scratch.ints, scratch.intSums, length, zero);
      if (++rows == maxRows) {
        flushInts(scratch, Math.min(chunk, lanes));
        rows = 0;
      }
    }
    flushInts(scratch, Math.min(chunk, lanes));
    int rest = view.remaining() % 4;
    if (rest > 0) {
      scratch.ints[0] = lastLane(view, rest, zero);
      addInts(scratch.ints, scratch.intSums, 1, zero);
      flushInts(scratch, 1);
    }
  }

  /** The zero point in every element of a lane of 32 bits. */
  private int replicate(long zeroPoint) {
    return switch (size) {
      case 1 -> ((int) zeroPoint & 0xff) * 0x0101_0101;
      case 2 -> ((int) zeroPoint & 0xffff) * 0x0001_0001;
      default -> (int) zeroPoint;
    };
  }

  /** The last bytes as a lane, filled up with zero points, which add nothing to the non-zeros. */
  private static int lastLane(ByteBuffer view, int rest, int zero) {
    int lane = zero;
    for (int i = 0; i < rest; i++) {
      int shift = 8 * i;
      int value = view.get(view.limit() - rest + i) & 0xff;
      lane = (lane & ~(0xff << shift)) | (value << shift);
    }
    return lane;
  }

  private void addInts(int[] values, int[] sums, int length, int zero) {
    switch (this) {
      case FLOAT32 -> IntLanes.addFloat32(values, sums, length);
      case FLOAT16 -> IntLanes.addFloat16(values, sums, length);
      case BFLOAT16 -> IntLanes.addBfloat16(values, sums, length);
      case INT8 -> IntLanes.addInt8(values, sums, length, zero);
      case INT16 -> IntLanes.addInt16(values, sums, length, zero);
      case INT32 -> IntLanes.addInt32(values, sums, length, zero);
      default -> throw new AssertionError(this);
    }
  }

  private void flushInts(Scratch scratch, int length) {
    int[] sums = scratch.intSums;
    switch (this) {
      case FLOAT32 -> {
        scratch.nonZeros += IntLanes.sumLowHalves(sums, length);
        scratch.nan += IntLanes.sumHighHalves(sums, length);
      }
      case FLOAT16, BFLOAT16 -> {
        scratch.nonZeros += IntLanes.sumEvenBytes(sums, length);
        scratch.nan += IntLanes.sumOddBytes(sums, length);
      }
      case INT8 ->
          scratch.nonZeros +=
              IntLanes.sumEvenBytes(sums, length) + IntLanes.sumOddBytes(sums, length);
      case INT16 ->
          scratch.nonZeros +=
              IntLanes.sumLowHalves(sums, length) + IntLanes.sumHighHalves(sums, length);
      case INT32 -> scratch.nonZeros += IntLanes.sumLowHalves(sums, length);
      default -> throw new AssertionError(this);
    }
    IntLanes.clear(sums, length);
  }

  private void countLongs(ByteBuffer view, long zeroPoint, int chunk, Scratch scratch) {
    var longs = view.asLongBuffer();
    int lanes = longs.remaining();
    int row = Math.max(1, chunk / 2);
    for (int at = 0; at < lanes; at += row) {
      int length = Math.min(row, lanes - at);
      longs.get(at, scratch.longs, 0, length);
      if (this == FLOAT64) {
        LongLanes.addFloat64(scratch.longs, scratch.longSums, length);
      } else {
        LongLanes.addInt64(scratch.longs, scratch.longSums, length, zeroPoint);
      }
    }
    // A buffer has fewer than 2^31 rows, so the fields of 32 bits need no flush before.
    int length = Math.min(row, lanes);
    scratch.nonZeros += LongLanes.sumLowHalves(scratch.longSums, length);
    scratch.nan += LongLanes.sumHighHalves(scratch.longSums, length);
    LongLanes.clear(scratch.longSums, length);
  }
}
