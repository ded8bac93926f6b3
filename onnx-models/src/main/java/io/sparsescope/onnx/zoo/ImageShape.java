package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.OnnxException;

/**
 * Shape of one image, or of the features computed of it: [channels, height, width], in pixels.
 *
 * @throws OnnxException if one of them is not positive
 */
public record ImageShape(int channels, int height, int width) {

  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new OnnxException(
          channels + "x" + height + "x" + width + ": no shape of an image; give positive sizes");
    }
  }

  /** Number of values. */
  int size() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  /** For example {@code 3x32x32}. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
