package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * A window that slides over the spatial dimensions of a node's first input, as Conv and the pools
 * have it, with the padding that {@code auto_pad} comes to.
 *
 * @param in the input's spatial dimensions
 * @param out the output's
 * @param kernel how many elements the window takes of each
 * @param strides how far the window moves
 * @param dilations distance of the elements that it takes
 * @param begin padding before the first element; the window may begin there
 * @param end padding behind the last element
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by its parts only.
record Window(
    long[] in,
    long[] out,
    long[] kernel,
    long[] strides,
    long[] dilations,
    long[] begin,
    long[] end) {

  /** The window of a node with the usual attributes, over images {@code [N,C,...]}. */
  static Window of(NodeGradient node, long... kernel) {
    long[] in = spatial(node, node.input(0));
    long[] out = spatial(node, node.output(0));
    long[] ones = new long[in.length];
    Arrays.fill(ones, 1);
    long[] strides = node.integers("strides", ones);
    long[] dilations = node.integers("dilations", ones);
    Window bare = new Window(in, out, kernel, strides, dilations, ones, ones);
    long[] begin = new long[in.length];
    long[] end = new long[in.length];
    bare.pad(node, begin, end);
    return new Window(in, out, kernel, strides, dilations, begin, end);
  }

  private static long[] spatial(NodeGradient node, String tensor) {
    return LongStream.range(2, node.rank(tensor)).map(i -> node.dim(tensor, (int) i)).toArray();
  }

  private void pad(NodeGradient node, long[] begin, long[] end) {
    String auto = node.string("auto_pad", "NOTSET");
    long[] pads = node.integers("pads", new long[2 * in.length]);
    for (int i = 0; i < in.length; i++) {
      long all = Math.max((out[i] - 1) * strides[i] + span(i) - in[i], 0);
      switch (auto) {
        case "VALID" -> {}
        case "SAME_UPPER" -> begin[i] = all / 2;
        case "SAME_LOWER" -> begin[i] = all - all / 2;
        default -> {
          begin[i] = pads[i];
          end[i] = pads[in.length + i];
        }
      }
      if (auto.startsWith("SAME")) {
        requireNoCrop(node, i);
        end[i] = all - begin[i];
      }
    }
  }

  /**
   * The standard's formula then comes to negative padding: runtimes differ on where windows lie.
   */
  private void requireNoCrop(NodeGradient node, int i) {
    if ((out[i] - 1) * strides[i] + span(i) - in[i] < -1) {
      throw node.failure(
          "auto_pad says nothing clear where strides are longer than the kernel",
          "write its pads out");
    }
  }

  int dimensions() {
    return in.length;
  }

  /** How far the window reaches from its first to its last element, both included. */
  long span(int i) {
    return (kernel[i] - 1) * dilations[i] + 1;
  }

  /** The input's length with padding, as far as the window reaches: never less than it needs. */
  long padded(int i) {
    return Math.max(begin[i] + in[i] + end[i], (out[i] - 1) * strides[i] + span(i));
  }

  /** Padding behind the last element, as far as a window reaches: ceil_mode goes beyond end. */
  long reach(int i) {
    return padded(i) - begin[i] - in[i];
  }

  /** What {@link #padded} has that no window reaches. */
  long rest(int i) {
    return padded(i) - ((out[i] - 1) * strides[i] + span(i));
  }

  long taps() {
    return product(kernel);
  }

  long positions() {
    return product(out);
  }

  boolean isPadded() {
    return LongStream.range(0, in.length).anyMatch(i -> begin[(int) i] > 0 || reach((int) i) > 0);
  }

  /** Whether the window has one element and visits each of the input's once. */
  boolean isPoint() {
    return taps() == 1 && !isPadded() && isDense();
  }

  /** Whether the window moves by one element. */
  boolean isDense() {
    return Arrays.stream(strides).allMatch(s -> s == 1);
  }

  /** Whether every element of the padded input is in at most one window. */
  boolean isDisjoint() {
    return LongStream.range(0, in.length)
        .allMatch(i -> kernel[(int) i] == 1 || span((int) i) <= strides[(int) i]);
  }

  /**
   * Where each element of the window lies at each of its places: indices into the padded input's
   * spatial dimensions as one, {@code [taps, positions]}, both row-major.
   */
  long[] indices() {
    int n = dimensions();
    long positions = positions();
    long[] all = new long[Math.toIntExact(taps() * positions)];
    for (int i = 0; i < all.length; i++) {
      long tap = i / positions;
      long at = i % positions;
      long index = 0;
      long scale = 1;
      for (int d = n - 1; d >= 0; d--) {
        index += scale * (at % out[d] * strides[d] + tap % kernel[d] * dilations[d]);
        scale *= padded(d);
        at /= out[d];
        tap /= kernel[d];
      }
      all[i] = index;
    }
    return all;
  }

  /**
   * A pool that has ceil_mode without it, padded as far as its windows reach. ONNX Runtime's kernel
   * and its inference of shapes do not always agree on what ceil_mode comes to. It takes no padding
   * as long as the kernel, though, which a dilated window may reach: such a pool stays as it is.
   */
  NodeProto withoutCeiling(NodeProto pool) {
    if (LongStream.range(0, in.length).anyMatch(i -> reach((int) i) >= kernel[(int) i])) {
      return pool;
    }
    NodeProto.Builder b = pool.toBuilder().clearAttribute();
    for (AttributeProto a : pool.getAttributeList()) {
      if (!Set.of("ceil_mode", "count_include_pad", "auto_pad", "pads").contains(a.getName())) {
        b.addAttribute(a);
      }
    }
    long[] reach = LongStream.range(0, in.length).map(i -> reach((int) i)).toArray();
    return b.addAttribute(Nodes.integers("pads", pads(begin, reach))).build();
  }

  /** The same window over the input as it is when its padding is a part of it. */
  Window afterPadding() {
    long[] wide =
        LongStream.range(0, in.length)
            .map(i -> begin[(int) i] + in[(int) i] + end[(int) i])
            .toArray();
    long[] none = new long[in.length];
    return new Window(wide, out, kernel, strides, dilations, none, none);
  }

  /** The pads attribute of these beginnings and ends. */
  static long[] pads(long[] begin, long[] end) {
    return LongStream.concat(Arrays.stream(begin), Arrays.stream(end)).toArray();
  }

  static long product(long... dims) {
    return Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }
}
