package io.sparsescope.rewriter.gradient;

import java.util.Arrays;

/**
 * Which elements a sliding window covers, by the attributes that Conv and the pools share.
 *
 * @param input spatial sizes of what is read (of what ConvTranspose writes)
 * @param output numbers of windows in each spatial dimension
 * @param begins padding before the first element of each dimension
 * @param ends padding after the last one
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record DoubleWindow(
    int[] input,
    int[] output,
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] begins,
    int[] ends) {
  /** A place in the padding. */
  static final int PAD = -1;

  /** A place beyond the padding, where ceil_mode lets a window reach. */
  static final int OUTSIDE = -2;

  /**
   * The windows of a node.
   *
   * @param weights spatial sizes of the kernel; null if only the attribute tells them
   */
  static DoubleWindow of(DoubleNode node, int[] input, int[] weights) {
    int rank = input.length;
    int[] kernel = list(node, "kernel_shape", weights);
    int[] strides = list(node, "strides", filled(rank, 1));
    int[] dilations = list(node, "dilations", filled(rank, 1));
    int[] pads = list(node, "pads", filled(2 * rank, 0));
    int[] begins = Arrays.copyOf(pads, rank);
    int[] ends = Arrays.copyOfRange(pads, rank, 2 * rank);
    String auto = node.string("auto_pad", "NOTSET");
    int[] output = new int[rank];
    for (int d = 0; d < rank; d++) {
      int extent = (kernel[d] - 1) * dilations[d] + 1;
      if (auto.startsWith("SAME")) {
        output[d] = (input[d] + strides[d] - 1) / strides[d];
        int total = Math.max(0, (output[d] - 1) * strides[d] + extent - input[d]);
        begins[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        ends[d] = total - begins[d];
        continue;
      }
      if (auto.equals("VALID")) {
        begins[d] = 0;
        ends[d] = 0;
      }
      int room = input[d] + begins[d] + ends[d] - extent;
      output[d] = room / strides[d] + 1;
      if (node.integer("ceil_mode", 0) != 0) {
        output[d] = (room + strides[d] - 1) / strides[d] + 1;
        // A window must not begin behind the input.
        if ((output[d] - 1) * strides[d] >= input[d] + begins[d]) {
          output[d]--;
        }
      }
    }
    return new DoubleWindow(input, output, kernel, strides, dilations, begins, ends);
  }

  /** The windows of the Conv that a ConvTranspose is the transpose of. */
  static DoubleWindow transposed(DoubleNode node, int[] x, int[] weights) {
    int rank = x.length;
    int[] kernel = list(node, "kernel_shape", weights);
    int[] strides = list(node, "strides", filled(rank, 1));
    int[] dilations = list(node, "dilations", filled(rank, 1));
    int[] pads = list(node, "pads", filled(2 * rank, 0));
    int[] further = list(node, "output_padding", filled(rank, 0));
    int[] begins = Arrays.copyOf(pads, rank);
    int[] ends = Arrays.copyOfRange(pads, rank, 2 * rank);
    String auto = node.string("auto_pad", "NOTSET");
    int[] y = new int[rank];
    for (int d = 0; d < rank; d++) {
      int whole = strides[d] * (x[d] - 1) + further[d] + (kernel[d] - 1) * dilations[d] + 1;
      y[d] = whole - begins[d] - ends[d];
      if (node.integers("output_shape").isPresent() || auto.startsWith("SAME")) {
        y[d] = list(node, "output_shape", filled(rank, x[d] * strides[d]))[d];
        int total = Math.max(0, whole - y[d]);
        begins[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        ends[d] = total - begins[d];
      }
    }
    return new DoubleWindow(y, x, kernel, strides, dilations, begins, ends);
  }

  /** For each window, row-major, and each of its elements: the place in the input's plane. */
  int[][] taps() {
    int windows = DoubleTensor.size(output);
    int elements = DoubleTensor.size(kernel);
    int[][] taps = new int[windows][elements];
    for (int o = 0; o < windows; o++) {
      int[] window = DoubleTensor.index(o, output);
      for (int k = 0; k < elements; k++) {
        taps[o][k] = place(window, DoubleTensor.index(k, kernel));
      }
    }
    return taps;
  }

  private int place(int[] window, int[] element) {
    int place = 0;
    boolean pad = false;
    for (int d = 0; d < input.length; d++) {
      int at = window[d] * strides[d] + element[d] * dilations[d] - begins[d];
      if (at >= input[d] + ends[d]) {
        return OUTSIDE;
      }
      pad |= at < 0 || at >= input[d];
      place = place * input[d] + at;
    }
    return pad ? PAD : place;
  }

  private static int[] list(DoubleNode node, String name, int[] otherwise) {
    return node.integers(name)
        .map(l -> Arrays.stream(l).mapToInt(Math::toIntExact).toArray())
        .orElse(otherwise);
  }

  private static int[] filled(int length, int value) {
    int[] list = new int[length];
    Arrays.fill(list, value);
    return list;
  }
}
