package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Counts, in one pass over a float32 tensor, its zeros and the elements of small magnitude: what is
 * zero before and behind a threshold. Zero is what compares equal to zero; NaN is neither. Safe for
 * use by several threads.
 */
public final class MagnitudeCounter {
  private static final int MAX_ROWS = 0xffff;

  private MagnitudeCounter() {}

  /**
   * What was counted.
   *
   * @param zeros elements equal to zero, -0.0 too
   * @param below elements x with |x| &lt; cut
   */
  public record Small(long zeros, long below) {}

  /**
   * Counts the remaining bytes, little-endian; position and limit stay.
   *
   * @param cut not negative; infinity takes in all finite elements
   * @throws IllegalArgumentException if the bytes are no whole number of elements, or the cut is
   *     negative or NaN
   */
  public static Small count(ByteBuffer values, float cut) {
    return count(values, cut, Scratch.LENGTH);
  }

  /** As above, in rows of {@code chunk} elements, at most {@link Scratch#LENGTH}. */
  static Small count(ByteBuffer values, float cut, int chunk) {
    if (values.remaining() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          values.remaining() + " bytes are no whole number of float32 elements");
    }
    if (!(cut >= 0)) {
      throw new IllegalArgumentException(cut + " is no magnitude");
    }
    IntBuffer lanes = values.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    // Bits of floats that are not negative rise with them; adding 0 makes no negative zero.
    int bits = Float.floatToRawIntBits(cut + 0f);
    Scratch scratch = Scratch.take();
    int rows = 0;
    long zeros = 0;
    long below = 0;
    for (int at = 0; at < lanes.limit(); at += chunk) {
      int length = Math.min(chunk, lanes.limit() - at);
      lanes.get(at, scratch.ints, 0, length);
      IntLanes.addSmallFloat32(scratch.ints, scratch.intSums, length, bits);
      if (++rows == MAX_ROWS || at + length == lanes.limit()) {
        zeros += IntLanes.sumLowHalves(scratch.intSums, chunk);
        below += IntLanes.sumHighHalves(scratch.intSums, chunk);
        IntLanes.clear(scratch.intSums, chunk);
        rows = 0;
      }
    }
    // Not in a finally block: after a failure the sums are not zero.
    Scratch.giveBack(scratch);
    return new Small(zeros, below);
  }
}
