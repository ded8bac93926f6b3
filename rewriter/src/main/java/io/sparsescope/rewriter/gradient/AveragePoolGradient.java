package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * AveragePool: each element's share of each window that it is in, by a transposed convolution of
 * every channel by itself with a kernel of ones. The gradient is divided by the number of elements
 * that the forward pass divided by.
 */
final class AveragePoolGradient implements GradientRule {
  @Override
  public void forward(NodeGradient node) {
    if (node.integer("ceil_mode", 0) == 0) {
      node.addForward(node.proto());
      return;
    }
    Window window = Window.of(node, node.integers("kernel_shape"));
    boolean padding = node.integer("count_include_pad", 0) != 0 && window.isPadded();
    node.addForward(padding ? overPadding(node, window) : window.withoutCeiling(node.proto()));
  }

  /** Padding counts as zeros, what ceil_mode reaches beyond it not at all. */
  private static NodeProto overPadding(NodeGradient node, Window window) {
    long[] images = {0, 0};
    long[] begin =
        LongStream.concat(Arrays.stream(images), Arrays.stream(window.begin())).toArray();
    long[] end = LongStream.concat(Arrays.stream(images), Arrays.stream(window.end())).toArray();
    String padded = node.op("Pad", node.input(0), node.int64s(Window.pads(begin, end)));
    return window.afterPadding().withoutCeiling(node.proto()).toBuilder()
        .setInput(0, padded)
        .build();
  }

  @Override
  public void backward(NodeGradient node) {
    Window window = Window.of(node, node.integers("kernel_shape"));
    int n = window.dimensions();
    long[] images = new long[n + 2];
    images[0] = -1;
    images[1] = 1;
    System.arraycopy(window.out(), 0, images, 2, n);
    String dy = node.op("Reshape", node.gradient(), node.int64s(images));
    String shares = node.op("Mul", dy, shares(node, window));
    node.give(0, node.reshapedLike(spread(node, window, shares), node.input(0)));
  }

  /** 1 / the number of elements that each window's mean is over, {@code [1,1,out...]}. */
  private static String shares(NodeGradient node, Window window) {
    boolean padding = node.integer("count_include_pad", 0) != 0;
    float[] shares = new float[(int) window.positions()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = 1f / count(window, i, padding);
    }
    long[] dims = new long[window.dimensions() + 2];
    dims[0] = 1;
    dims[1] = 1;
    System.arraycopy(window.out(), 0, dims, 2, window.dimensions());
    return node.floats(shares, dims);
  }

  private static long count(Window window, long position, boolean padding) {
    long count = 1;
    for (int d = window.dimensions() - 1; d >= 0; d--) {
      count *= count(window, d, position % window.out()[d], padding);
      position /= window.out()[d];
    }
    return count;
  }

  private static long count(Window window, int d, long place, boolean padding) {
    long first = place * window.strides()[d] - window.begin()[d];
    long from = padding ? -window.begin()[d] : 0;
    long to = window.in()[d] + (padding ? window.end()[d] : 0);
    return LongStream.range(0, window.kernel()[d])
        .map(k -> first + k * window.dilations()[d])
        .filter(i -> i >= from && i < to)
        .count();
  }

  private static String spread(NodeGradient node, Window window, String shares) {
    int n = window.dimensions();
    float[] ones = new float[(int) window.taps()];
    Arrays.fill(ones, 1);
    long[] dims = new long[n + 2];
    dims[0] = 1;
    dims[1] = 1;
    System.arraycopy(window.kernel(), 0, dims, 2, n);
    long[] reach = LongStream.range(0, n).map(i -> window.reach((int) i)).toArray();
    long[] rest = LongStream.range(0, n).map(i -> window.rest((int) i)).toArray();
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("strides", window.strides()));
    attributes.add(Nodes.integers("dilations", window.dilations()));
    attributes.add(Nodes.integers("pads", Window.pads(window.begin(), reach)));
    attributes.add(Nodes.integers("output_padding", rest));
    return node.op("ConvTranspose", attributes, shares, node.floats(ones, dims));
  }
}
