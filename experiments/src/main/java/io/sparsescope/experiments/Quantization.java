package io.sparsescope.experiments;

import java.util.Arrays;

/**
 * What the integers of a quantized weight stand for: element i is {@code (q - zero) * scale}, zero
 * and scale being the whole tensor's or those of the element's channel.
 */
final class Quantization {
  private static final float[] UNKNOWN = {};

  private final long[] zeros;
  private final float[] scales;
  private final long inner;

  /**
   * @param zeros zero points, one or one a channel
   * @param scales as many as zero points, or one, or none where they are not known
   * @param inner elements that follow each other in one channel
   */
  Quantization(long[] zeros, float[] scales, long inner) {
    this.zeros = zeros.clone();
    this.scales = scales.clone();
    this.inner = inner;
  }

  /** Integers whose scale is not known, or does not matter. */
  static Quantization ofZeros(long[] zeros, long inner) {
    return new Quantization(zeros, UNKNOWN, inner);
  }

  /** Whether all elements have one zero point. */
  boolean uniform() {
    return Arrays.stream(zeros).distinct().count() == 1;
  }

  boolean hasScales() {
    return scales.length > 0;
  }

  long zero(long element) {
    return zeros[channel(element, zeros.length)];
  }

  /** The value, in float32 arithmetic as DequantizeLinear has it. */
  float value(long element, double integer) {
    return (float) (integer - zero(element)) * scales[channel(element, scales.length)];
  }

  private int channel(long element, int channels) {
    return (int) (element / inner % channels);
  }
}
