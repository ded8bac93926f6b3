package io.sparsescope.onnx;

import java.util.List;

/** Arithmetic on shapes that a model declares. */
final class Shapes {
  private Shapes() {}

  /** Number of elements, -1 where it does not fit into a long. */
  static long elements(List<Long> dims) {
    if (dims.contains(0L)) {
      return 0;
    }
    long n = 1;
    for (long d : dims) {
      if (Math.multiplyHigh(n, d) != 0 || n * d < 0) {
        return -1;
      }
      n *= d;
    }
    return n;
  }

  /** Bytes that so many elements take in raw_data, -1 where that does not fit into a long. */
  static long bytes(ElementType type, long elements) {
    long bits = type.bits();
    if (elements > (Long.MAX_VALUE - 7) / Math.max(1, bits)) {
      return -1;
    }
    return (elements * bits + 7) / 8;
  }
}
