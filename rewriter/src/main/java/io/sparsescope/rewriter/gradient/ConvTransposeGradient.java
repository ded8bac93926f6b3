package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * ConvTranspose, which is what a convolution's gradient does to its input: its own gradient is that
 * convolution, whose window slides over the output.
 */
final class ConvTransposeGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String w = node.input(1);
    Window window = window(node);
    long groups = node.integer("group", 1);
    String dy = node.gradient();
    if (node.wants(0)) {
      node.give(
          0,
          node.op(
              "Conv",
              List.of(
                  Nodes.integers("strides", window.strides()),
                  Nodes.integers("dilations", window.dilations()),
                  Nodes.integers("pads", Window.pads(window.begin(), window.end())),
                  Nodes.integer("group", groups)),
              dy,
              w));
    }
    if (node.wants(1)) {
      String dw =
          new KernelGradient(node, window, groups)
              .of(dy, node.input(0), node.dim(w, 1) * groups, node.dim(w, 0));
      node.give(1, node.reshapedLike(dw, w));
    }
    if (node.wants(2)) {
      node.give(2, ConvGradient.channelSums(node, dy));
    }
  }

  private static Window window(NodeGradient node) {
    int n = node.rank(node.input(0)) - 2;
    long[] x = spatial(node, node.input(0));
    long[] y = spatial(node, node.output(0));
    long[] ones = new long[n];
    Arrays.fill(ones, 1);
    Window window =
        new Window(
            y,
            x,
            spatial(node, node.input(1)),
            node.integers("strides", ones),
            node.integers("dilations", ones),
            new long[n],
            new long[n]);
    boolean explicit =
        node.string("auto_pad", "NOTSET").equals("NOTSET")
            && node.integers("output_shape").length == 0;
    long[] pads = node.integers("pads", new long[2 * n]);
    long[] more = node.integers("output_padding", new long[n]);
    for (int i = 0; i < n; i++) {
      long cut = (x[i] - 1) * window.strides()[i] + window.span(i) + more[i] - y[i];
      if (more[i] >= window.strides()[i] || !explicit && cut % 2 != 0) {
        throw node.failure(
            "the padding of its output is ambiguous", "write it with pads, without auto_pad");
      }
      window.begin()[i] = explicit ? pads[i] : cut / 2;
      window.end()[i] = explicit ? pads[n + i] : cut / 2;
    }
    return window;
  }

  private static long[] spatial(NodeGradient node, String tensor) {
    return LongStream.range(2, node.rank(tensor)).map(i -> node.dim(tensor, (int) i)).toArray();
  }
}
