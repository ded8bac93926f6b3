package io.sparsescope.profile;

import java.nio.ByteBuffer;

/**
 * Counts zeros and NaNs in raw tensor memory, exactly, without boxing and, where the JIT compiler
 * can, with vector instructions.
 */
public enum ZeroCounter {
  FLOAT32,
  FLOAT64,
  FLOAT16,
  BFLOAT16,
  /** int8, uint8, bool. */
  INT8,
  /** int16, uint16. */
  INT16,
  /** int32, uint32. */
  INT32,
  /** int64, uint64. */
  INT64;

  /**
   * The counter for an element type by its profile name ({@code float32}, {@code uint8}...).
   *
   * @throws IllegalArgumentException for a type that cannot be counted
   */
  public static ZeroCounter of(String type) {
    throw new UnsupportedOperationException(type);
  }

  /** Whether {@link #of} knows the type. */
  public static boolean canCount(String type) {
    throw new UnsupportedOperationException(type);
  }

  /** Counts the remaining bytes, little-endian; position and limit stay. */
  public Counts count(ByteBuffer values) {
    return count(values, 0);
  }

  /**
   * Counts the remaining bytes, little-endian; position and limit stay.
   *
   * @param zeroPoint for integer types the value that stands for zero
   */
  public Counts count(ByteBuffer values, long zeroPoint) {
    throw new UnsupportedOperationException("" + values + zeroPoint);
  }
}
