package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Counts as {@link PooledCount} does, but asks nothing of the tensor that would take it out of ONNX
 * Runtime's blocked layout: its shape comes from {@link ImageSizes}, and a tensor that holds NaN is
 * not counted. What is to be done with the shares of images is done once for all tensors, since
 * every node has its cost, however small its tensors, and most of them keep one thread only.
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
 *
 * <p>Where nodes stand in the model does not tell when ONNX Runtime runs them: it sorts them depth
 * first from the outputs, of a node's inputs the one with the highest number first, and nodes that
 * it replaces get new numbers. That the shares of all tensors are inputs of one Concat makes it
 * count each tensor right behind its producer, while it is in the cache, and forget it before the
 * next ones are made. Joined size by size they would be counted when all are there, which takes
 * more time and keeps all of them in memory. A model whose own output is in the blocked layout is
 * still run to its end first.
 */
final class BlockedCount {
  /** Images have fewer pixels. */
  private static final double LARGEST_IMAGE = 0x1p22;

  private static final double FINITE = 0x1p53;

  /** Stands for a count that is not known; unlike NaN it is gone when multiplied by 0. */
  private static final double UNKNOWN = 0x1p60;

  /** Twice what a share may be off. */
  private static final double ROUNDING = 0x1p-22;

  /** Elements of the largest matrix that adds up the counts of all tensors: 512 KiB. */
  private static final long LARGEST_MATRIX = 1 << 16;

  /** Channels in a block, at most: 16 with AVX-512, 8 with AVX2. */
  static final int BLOCK = 16;

  private final ImageSizes sizes;
  private final List<Counted> tensors = new ArrayList<>();

  /**
   * A tensor, its number of channels, and the name of its shares, float32 [N, channels, 1, 1]: how
   * much of each image is not zero.
   */
  private record Counted(String tensor, long channels, String shares) {}

  BlockedCount(ImageSizes sizes) {
    this.sizes = sizes;
  }

  boolean isEmpty() {
    return tensors.isEmpty();
  }

  boolean suits(String x) {
    return sizes.knows(x) && sizes.pixels(x).orElse(1) < LARGEST_IMAGE;
  }

  /** Makes the nodes that follow the tensor's producer. */
  void emit(Ops ops, String x) {
    String shares = ops.op("GlobalAveragePool", ops.hardSigmoid(x, Float.MAX_VALUE));
    tensors.add(new Counted(x, sizes.channels(x), shares));
  }

  /**
   * For each tensor in the order in which they were emitted where its channels begin among those of
   * {@link Made#channels()}.
   */
  List<Integer> channelsAt() {
    List<Integer> places = new ArrayList<>();
    long at = 0;
    for (Counted tensor : tensors) {
      places.add(Math.toIntExact(at));
      at += tensor.channels();
    }
    return places;
  }

  /**
   * Names of what was made of all tensors in the order in which they were emitted.
   *
   * @param columns int64 [3, tensors]: elements, zeros (-1 where the tensor was not counted), 0
   * @param channels int64 [channels of all tensors]: the elements that are not zero in each
   *     channel, of tensors that were counted; "" if not asked for
   */
  record Made(String columns, String channels) {}

  /**
   * Makes the nodes that turn all shares into counts. All channels, one tensor's after the other,
   * are cut into pieces of one size, so that each piece belongs to one tensor.
   *
   * @param ofChannels count the elements of each channel, too
   */
  Made make(Ops ops, boolean ofChannels) {
    long all = tensors.stream().mapToLong(Counted::channels).sum();
    long piece = piece();
    int[] owners = owners(piece);
    List<String> shares = tensors.stream().map(Counted::shares).toList();
    String joined = shares.size() == 1 ? shares.get(0) : ops.concat(shares, 1);
    String pieces = ops.op("Reshape", joined, ops.int64s(0, all / piece, piece));
    String counts = ops.op("Mul", ops.cast(pieces, ElementType.DOUBLE), pixels(ops, owners));
    String exact = exact(ops, counts);
    String nonzero = sums(ops, exact, owners);
    String elements = ops.op("Mul", perRecord(ops), sizes.records());
    String zeros =
        ops.op(
            "Where",
            ops.op("Less", nonzero, scalar(ops, FINITE)),
            ops.op("Sub", elements, ops.cast(nonzero, ElementType.INT64)),
            ops.int64s(-1));
    String none = ops.row(new long[tensors.size()]);
    return new Made(
        ops.concat(List.of(elements, zeros, none), 0),
        ofChannels
            ? ops.op("Reshape", ops.cast(ops.sum(exact, 0), ElementType.INT64), ops.int64s(-1))
            : "");
  }

  /** The largest number of channels that divides all tensors'. */
  private long piece() {
    return tensors.stream()
        .map(tensor -> BigInteger.valueOf(tensor.channels()))
        .reduce(BigInteger.ZERO, BigInteger::gcd)
        .longValueExact();
  }

  /** For each piece its tensor. */
  private int[] owners(long piece) {
    List<Integer> owners = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      for (long n = tensors.get(i).channels() / piece; n > 0; n--) {
        owners.add(i);
      }
    }
    return owners.stream().mapToInt(Integer::intValue).toArray();
  }

  /** For each piece the number of pixels of its images, float64 [pieces, 1]; NaN for too many. */
  private String pixels(Ops ops, int[] owners) {
    if (known(0).isPresent()) {
      double[] pixels = Arrays.stream(owners).mapToDouble(i -> known(i).getAsLong()).toArray();
      return ops.matrix(pixels.length, 1, pixels);
    }
    String size = ops.cast(sizes(ops), ElementType.DOUBLE);
    String small =
        ops.op(
            "Where",
            ops.op("Less", size, scalar(ops, LARGEST_IMAGE)),
            size,
            scalar(ops, Double.NaN));
    long[] places = Arrays.stream(owners).mapToLong(i -> i).toArray();
    return ops.op("Reshape", ops.gather(small, 0, places), ops.int64s(-1, 1));
  }

  /** For each tensor its elements in a record, int64 [1, tensors]. */
  private String perRecord(Ops ops) {
    long[] channels = tensors.stream().mapToLong(Counted::channels).toArray();
    if (known(0).isPresent()) {
      Arrays.setAll(channels, i -> channels[i] * known(i).getAsLong());
      return ops.row(channels);
    }
    return ops.op("Mul", sizes(ops), ops.row(channels));
  }

  /** Pixels of a tensor's images where they are known; all tensors' are, or none. */
  private OptionalLong known(int tensor) {
    return sizes.pixels(tensors.get(tensor).tensor());
  }

  /** For each tensor the pixels of its images, int64 [tensors]. */
  private String sizes(Ops ops) {
    return ops.concat(tensors.stream().map(t -> sizes.pixelsAtRun(t.tensor())).toList(), 0);
  }

  /** Counts as whole numbers, {@link #UNKNOWN} where they are none. */
  private static String exact(Ops ops, String counts) {
    String above = ops.op("Add", counts, scalar(ops, 0.5));
    String rounded = ops.op("Floor", above);
    String off = ops.op("Abs", ops.op("Sub", counts, rounded));
    // The half keeps the margin of a count of 0 above 0, and below the least fraction, 2^-21.
    String margin = ops.op("Mul", above, scalar(ops, ROUNDING));
    // NaN is not below anything.
    return ops.op("Where", ops.op("Less", off, margin), rounded, scalar(ops, UNKNOWN));
  }

  /**
   * For each tensor its count, float64 [1, tensors]; at least {@link #UNKNOWN} if that is not
   * known. Float64 adds the others exactly.
   */
  private String sums(Ops ops, String exact, int[] owners) {
    if ((long) owners.length * tensors.size() > LARGEST_MATRIX) {
      return sumsOneByOne(ops, exact);
    }
    double[] belongs = new double[owners.length * tensors.size()];
    for (int i = 0; i < owners.length; i++) {
      belongs[i * tensors.size() + owners[i]] = 1;
    }
    String matrix = ops.matrix(owners.length, tensors.size(), belongs);
    String ofRecords = ops.op("MatMul", ops.sum(exact, 2), matrix);
    return ops.op("Reshape", ops.sum(ofRecords, 0), ops.int64s(1, -1));
  }

  private String sumsOneByOne(Ops ops, String exact) {
    List<Long> channels = tensors.stream().map(Counted::channels).toList();
    String flat =
        ops.op("Reshape", exact, ops.int64s(0, channels.stream().mapToLong(c -> c).sum()));
    List<String> parts = channels.size() == 1 ? List.of(flat) : ops.split(flat, 1, channels);
    return ops.concat(parts.stream().map(ops::sumKeepingAxes).toList(), 1);
  }

  private static String scalar(Ops ops, double value) {
    return ops.scalar(ElementType.DOUBLE, value);
  }
}
