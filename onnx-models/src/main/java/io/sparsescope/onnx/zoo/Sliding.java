package io.sparsescope.onnx.zoo;

/**
 * How a window slides over an image.
 *
 * @param stride pixels from one place to the next
 * @param padding what is added around the image
 */
record Sliding(int stride, Padding padding) {
  enum Padding {
    /** Nothing. */
    VALID,
    /** What keeps size / stride places, rounded up; of an odd number the end gets one more. */
    SAME,
    /** (kernel - 1) / 2 on all sides, whatever the stride: TF-Slim's {@code conv2d_same}. */
    CENTERED
  }

  static Sliding valid(int stride) {
    return new Sliding(stride, Padding.VALID);
  }

  static Sliding same(int stride) {
    return new Sliding(stride, Padding.SAME);
  }

  static Sliding centered(int stride) {
    return new Sliding(stride, Padding.CENTERED);
  }

  /** Number of places along one axis; not positive if the window does not fit. */
  int places(int size, int kernel) {
    int free = size + total(size, kernel) - kernel;
    return free < 0 ? 0 : free / stride + 1;
  }

  /** As ONNX lists them: top, left, bottom, right. */
  long[] pads(ImageShape shape, int kernel) {
    int rows = total(shape.height(), kernel);
    int columns = total(shape.width(), kernel);
    return new long[] {rows / 2, columns / 2, rows - rows / 2, columns - columns / 2};
  }

  private int total(int size, int kernel) {
    return switch (padding) {
      case VALID -> 0;
      case SAME -> Math.max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
      case CENTERED -> kernel - 1;
    };
  }
}
