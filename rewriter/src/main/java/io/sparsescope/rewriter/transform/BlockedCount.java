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
 * <p>One HardSigmoid, as steep as float32 allows, makes 1 of every element from 2^-128 (2.9e-39)
 * on; of a positive one below, in the lowest quarter of the denormals, it makes a fraction. A share
 * that tells no whole number of pixels (by more than rounding can do) marks the tensor as not
 * counted. So a tensor without positive elements below 2^-128 is counted exactly; one with such
 * elements is marked, unless their fractions happen to add up to a whole number in every channel,
 * when its count may be off by as many as there are of them.
 *
 * <p>Shares are turned into counts in float64. A share is off by at most 2^-23 of itself, so it
 * tells the count of an image of up to 2^22 pixels; larger ones are not counted.
 */
final class BlockedCount {
  private static final double LARGEST_IMAGE = 0x1p22;
  private static final double FINITE = 0x1p53;

  /** Twice what a share may be off. */
  private static final double ROUNDING = 0x1p-22;

  /** Keeps the margin of a count of 0 above 0, and below the least fraction, 2^-21. */
  private static final double LEAST = 0x1p-4;

  /** Channels in a block, at most: 16 with AVX-512, 8 with AVX2. */
  static final int BLOCK = 16;

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
    long channels = sizes.channels(x);
    group.shares().add(ops.op("GlobalAveragePool", ops.hardSigmoid(x, Float.MAX_VALUE)));
    group.channels().add(channels);
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
   * For each tensor in the order in which they were emitted where its channels begin among those of
   * {@link Made#channels()}.
   */
  List<Integer> channelsAt() {
    List<Integer> places = new ArrayList<>(Collections.nCopies(tensors, 0));
    int at = 0;
    for (Group group : groups.values()) {
      for (int i = 0; i < group.places().size(); i++) {
        places.set(group.places().get(i), at);
        at += Math.toIntExact(group.channels().get(i));
      }
    }
    return places;
  }

  /**
   * Names of what was made of all tensors, size by size.
   *
   * @param rows int64 [tensors, 3]: elements, elements that are not zero (one more than there are
   *     elements where the tensor was not counted), 0
   * @param channels int64 [channels of all tensors]: the elements that are not zero in each
   *     channel, of tensors that were counted; "" if not asked for
   */
  record Made(String rows, String channels) {}

  /**
   * Makes the nodes that turn all of them into rows.
   *
   * @param ofChannels count the elements of each channel, too
   */
  Made make(Ops ops, boolean ofChannels) {
    List<String> counts = new ArrayList<>();
    List<String> pixels = new ArrayList<>();
    List<Long> channels = new ArrayList<>();
    groups.forEach(
        (size, group) -> {
          counts.add(counts(ops, size, group));
          pixels.addAll(Collections.nCopies(group.shares().size(), size));
          channels.addAll(group.channels());
        });
    String exact = exact(ops, joined(ops, counts));
    List<String> sums = sums(ops, exact, channels);
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
    return new Made(
        ops.op("Reshape", ops.concat(List.of(elements, nonzero, none), 1), ops.int64s(-1, 3)),
        ofChannels ? ops.cast(ops.sum(exact, 0, 2, 3), ElementType.INT64) : "");
  }

  private static String column(Ops ops) {
    return ops.int64s(-1, 1, 1, 1);
  }

  /** For each channel of a group's images its count, float64 [N, C, 1, 1]. */
  private static String counts(Ops ops, String size, Group group) {
    return ops.op(
        "Mul",
        ops.cast(joined(ops, group.shares()), ElementType.DOUBLE),
        ops.cast(size, ElementType.DOUBLE));
  }

  /** Counts as whole numbers, NaN where they are none. */
  private static String exact(Ops ops, String counts) {
    String rounded = ops.op("Floor", ops.op("Add", counts, scalar(ops, 0.5)));
    String off = ops.op("Abs", ops.op("Sub", counts, rounded));
    String margin = ops.op("Mul", ops.op("Add", counts, scalar(ops, LEAST)), scalar(ops, ROUNDING));
    // NaN is not below anything.
    return ops.op("Where", ops.op("Less", off, margin), rounded, scalar(ops, Double.NaN));
  }

  /** For each tensor its count, float64 [1, 1, 1, 1], NaN if that is not known. */
  private static List<String> sums(Ops ops, String exact, List<Long> channels) {
    List<String> parts = channels.size() == 1 ? List.of(exact) : ops.split(exact, 1, channels);
    return parts.stream().map(ops::sumKeepingAxes).toList();
  }

  private static String scalar(Ops ops, double value) {
    return ops.scalar(ElementType.DOUBLE, value);
  }

  private static String joined(Ops ops, List<String> tensors) {
    return tensors.size() == 1 ? tensors.get(0) : ops.concat(tensors, 1);
  }
}
