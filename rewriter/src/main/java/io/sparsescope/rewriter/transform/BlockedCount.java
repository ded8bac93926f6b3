package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts as {@link PooledCount} does, but asks nothing of the tensor that would take it out of ONNX
 * Runtime's blocked layout: its size comes from {@link ImageSizes}, and a tensor that holds NaN is
 * not counted. One mode of {@link CountMode#FAST}.
 *
 * <p>Shares of images are turned into counts in float64. A share is off by at most 2^-23 of itself,
 * so it tells the count of an image of up to 2^22 pixels; larger ones are not counted.
 */
final class BlockedCount {
  private static final double LARGEST_IMAGE = 0x1p22;
  private static final double FINITE = 0x1p53;

  /** For each tensor its count, float64 [1, 1, 1, 1], NaN if it holds NaN. */
  private final List<String> positives = new ArrayList<>();

  /** For each tensor its number of images, int64 [1, 1, 1, 1]. */
  private final List<String> images = new ArrayList<>();

  /** For each tensor the pixels of an image, int64 [1, 1, 1, 1]. */
  private final List<String> pixels = new ArrayList<>();

  boolean isEmpty() {
    return positives.isEmpty();
  }

  /** Makes the nodes that follow the tensor's producer. */
  void emit(Ops ops, String x, ImageSizes sizes) {
    String shares = ops.op("GlobalAveragePool", PooledCount.positive(ops, x));
    String size = sizes.pixels(x);
    String counts =
        ops.op("Mul", ops.cast(shares, ElementType.DOUBLE), ops.cast(size, ElementType.DOUBLE));
    String rounded = ops.op("Floor", ops.op("Add", counts, ops.scalar(ElementType.DOUBLE, 0.5)));
    positives.add(ops.sumKeepingAxes(rounded));
    images.add(ops.op("Reshape", ops.op("Size", shares), ops.int64s(1, 1, 1, 1)));
    pixels.add(size);
  }

  /**
   * Makes the nodes that turn all of them into rows.
   *
   * @return int64 [tensors, 3]: elements, elements that are not zero (one more than there are
   *     elements where the tensor was not counted), 0
   */
  String rows(Ops ops) {
    String positive = ops.concat(positives, 0);
    String size = ops.concat(pixels, 0);
    String elements = ops.op("Mul", ops.concat(images, 0), size);
    // NaN is not below anything.
    String counted =
        ops.op(
            "And",
            ops.op("Less", positive, ops.scalar(ElementType.DOUBLE, FINITE)),
            ops.op(
                "Less",
                ops.cast(size, ElementType.DOUBLE),
                ops.scalar(ElementType.DOUBLE, LARGEST_IMAGE)));
    String nonzero =
        ops.op(
            "Where",
            counted,
            ops.cast(positive, ElementType.INT64),
            ops.op("Add", elements, ops.int64s(1)));
    String none = ops.op("Sub", elements, elements);
    return ops.op("Reshape", ops.concat(List.of(elements, nonzero, none), 1), ops.int64s(-1, 3));
  }
}
