package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts as {@link PooledCount} does, but asks nothing of the tensor that would take it out of ONNX
 * Runtime's blocked layout: its shape comes from {@link ImageSizes}, and a tensor that holds NaN is
 * not counted. What is to be done with the shares of images is done once for all tensors whose
 * images are of one size, since every node has its cost, however small its tensors.
 *
 * <p>Shares are turned into counts in float64. A share is off by at most 2^-23 of itself, so it
 * tells the count of an image of up to 2^22 pixels; larger ones are not counted.
 */
final class BlockedCount {
  private static final double LARGEST_IMAGE = 0x1p22;
  private static final double FINITE = 0x1p53;

  private final ImageSizes sizes;
  private int tensors;

  /** By the name of the tensor that holds the number of pixels. */
  private final Map<String, Group> groups = new LinkedHashMap<>();

  /** Tensors whose images are of one size: their shares, channels, and places among all tensors. */
  private record Group(List<String> shares, List<Long> channels, List<Integer> places) {}

  BlockedCount(ImageSizes sizes) {
    this.sizes = sizes;
  }

  boolean isEmpty() {
    return tensors == 0;
  }

  boolean suits(String x) {
    return sizes.knows(x);
  }

  /** Makes the nodes that follow the tensor's producer. */
  void emit(Ops ops, String x) {
    Group group =
        groups.computeIfAbsent(
            sizes.pixels(x),
            k -> new Group(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
    group.shares().add(ops.op("GlobalAveragePool", PooledCount.positive(ops, x)));
    group.channels().add(sizes.channels(x));
    group.places().add(tensors++);
  }

  /** For each tensor in the order in which they were emitted its place among the rows. */
  List<Integer> places() {
    List<Integer> places = new ArrayList<>(Collections.nCopies(tensors, 0));
    int row = 0;
    for (Group group : groups.values()) {
      for (int place : group.places()) {
        places.set(place, row++);
      }
    }
    return places;
  }

  /**
   * Makes the nodes that turn all of them into rows, size by size.
   *
   * @return int64 [tensors, 3]: elements, elements that are not zero (one more than there are
   *     elements where the tensor was not counted), 0
   */
  String rows(Ops ops) {
    List<String> sums = new ArrayList<>();
    List<String> pixels = new ArrayList<>();
    List<Long> channels = new ArrayList<>();
    groups.forEach(
        (size, group) -> {
          sums.addAll(sums(ops, size, group));
          pixels.addAll(Collections.nCopies(group.shares().size(), size));
          channels.addAll(group.channels());
        });
    String positive = ops.concat(sums, 0);
    String size = ops.concat(pixels, 0);
    long[] perRecord = channels.stream().mapToLong(Long::longValue).toArray();
    String images =
        ops.op("Reshape", ops.op("Mul", ops.int64s(perRecord), sizes.records()), column(ops));
    String elements = ops.op("Mul", images, size);
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

  private static String column(Ops ops) {
    return ops.int64s(-1, 1, 1, 1);
  }

  /** For each tensor of a group its count, float64 [1, 1, 1, 1], NaN if it holds NaN. */
  private static List<String> sums(Ops ops, String size, Group group) {
    String shares =
        group.shares().size() == 1 ? group.shares().get(0) : ops.concat(group.shares(), 1);
    String counts =
        ops.op("Mul", ops.cast(shares, ElementType.DOUBLE), ops.cast(size, ElementType.DOUBLE));
    String rounded = ops.op("Floor", ops.op("Add", counts, ops.scalar(ElementType.DOUBLE, 0.5)));
    List<String> parts =
        group.shares().size() == 1 ? List.of(rounded) : ops.split(rounded, 1, group.channels());
    return parts.stream().map(ops::sumKeepingAxes).toList();
  }
}
