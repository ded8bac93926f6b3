package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Conv: the input's gradient by the transposed convolution, the kernel's by one product of matrices
 * ({@link KernelGradient}), the bias's by a sum.
 */
final class ConvGradient implements GradientRule {
  /**
   * Both ways lay out a matrix of copies, ConvTranspose one of the input's channels, a convolution
   * with the flipped kernel one of the output's, which reads where the other adds: measured on ONNX
   * Runtime 1.29.0.
   */
  private static final double WORTH_FLIPPING = 1.5;

  /** The same with the batch innermost, where copies are of long runs. */
  private static final double WORTH_FLIPPING_TURNED = 3;

  @Override
  public void forward(NodeGradient node) {
    if (!turns(node)) {
      node.addForward(node.proto());
      return;
    }
    Window window = window(node);
    List<String> inputs = new ArrayList<>(List.of(node.turned(node.input(0))));
    inputs.add(turnedKernel(node, node.input(1)));
    if (node.hasInput(2)) {
      inputs.add(node.input(2));
    }
    node.addForwardTurned(
        "Conv",
        turnedAttributes(window, window.strides(), window.begin(), window.end()),
        inputs.toArray(String[]::new));
  }

  private static boolean turns(NodeGradient node) {
    return node.turns(node.input(0)) && node.integer("group", 1) == 1;
  }

  /** Of one element in the batch's dimension. */
  private static String turnedKernel(NodeGradient node, String kernel) {
    return node.op("Unsqueeze", kernel, node.int64s(node.rank(node.input(1))));
  }

  private static List<AttributeProto> turnedAttributes(
      Window window, long[] strides, long[] begin, long[] end) {
    return List.of(
        Nodes.integers("strides", with(strides, 1)),
        Nodes.integers("dilations", with(window.dilations(), 1)),
        Nodes.integers("pads", Window.pads(with(begin, 0), with(end, 0))));
  }

  private static long[] with(long[] dims, long batch) {
    return LongStream.concat(LongStream.of(dims), LongStream.of(batch)).toArray();
  }

  private static Window window(NodeGradient node) {
    String w = node.input(1);
    return Window.of(
        node, LongStream.range(2, node.rank(w)).map(i -> node.dim(w, (int) i)).toArray());
  }

  @Override
  public void backward(NodeGradient node) {
    String w = node.input(1);
    Window window = window(node);
    long groups = node.integer("group", 1);
    String dy = node.gradient();
    if (node.wants(0)) {
      node.give(
          0,
          isWorthFlipping(node, window, groups) ? flipped(node, window) : transposed(node, window));
    }
    if (node.wants(1)) {
      String dw =
          new KernelGradient(node, window, groups)
              .of(node.input(0), dy, node.dim(w, 1) * groups, node.dim(w, 0));
      node.give(1, node.reshapedLike(dw, w));
    }
    if (node.wants(2)) {
      node.give(2, turns(node) ? turnedSums(node, dy) : channelSums(node, dy));
    }
  }

  private static String turnedSums(NodeGradient node, String dy) {
    String rows = node.op("Reshape", node.turned(dy), node.int64s(node.dim(node.output(0), 1), -1));
    return node.op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), rows, node.int64s(1));
  }

  static String channelSums(NodeGradient node, String dy) {
    long[] axes = LongStream.range(0, node.rank(node.output(0))).filter(i -> i != 1).toArray();
    return node.op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), dy, node.int64s(axes));
  }

  private static String transposed(NodeGradient node, Window window) {
    int n = window.dimensions();
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("strides", window.strides()));
    attributes.add(Nodes.integers("dilations", window.dilations()));
    attributes.add(Nodes.integers("pads", Window.pads(window.begin(), window.end())));
    attributes.add(
        Nodes.integers(
            "output_padding", LongStream.range(0, n).map(i -> window.rest((int) i)).toArray()));
    attributes.add(Nodes.integer("group", node.integer("group", 1)));
    return node.op("ConvTranspose", attributes, node.gradient(), node.input(1));
  }

  private static boolean isWorthFlipping(NodeGradient node, Window window, long groups) {
    boolean possible = groups == 1 && window.isDense();
    for (int i = 0; i < window.dimensions(); i++) {
      possible &= window.begin()[i] < window.span(i) && window.end()[i] < window.span(i);
    }
    long transposed = node.dim(node.input(1), 1) * window.positions();
    long flipped = node.dim(node.input(1), 0) * Window.product(window.in());
    double worth = turns(node) ? WORTH_FLIPPING_TURNED : WORTH_FLIPPING;
    return possible && (window.taps() == 1 || flipped <= worth * transposed);
  }

  /** The convolution of the output's gradient with the kernel turned round, maps for channels. */
  private static String flipped(NodeGradient node, Window window) {
    int n = window.dimensions();
    long[] begin = new long[n];
    long[] end = new long[n];
    for (int i = 0; i < n; i++) {
      begin[i] = window.span(i) - 1 - window.begin()[i];
      end[i] = window.span(i) - 1 - window.end()[i];
    }
    String kernel = reversed(node, window);
    if (turns(node)) {
      return node.back(
          node.op(
              "Conv",
              turnedAttributes(window, window.strides(), begin, end),
              node.turned(node.gradient()),
              turnedKernel(node, kernel)));
    }
    return node.op(
        "Conv",
        List.of(
            Nodes.integers("pads", Window.pads(begin, end)),
            Nodes.integers("dilations", window.dilations())),
        node.gradient(),
        kernel);
  }

  /** Its elements are turned round by a product, which is faster than Slice backwards. */
  private static String reversed(NodeGradient node, Window window) {
    String w = node.input(1);
    long[] perm = LongStream.range(0, node.rank(w)).toArray();
    perm[0] = 1;
    perm[1] = 0;
    List<AttributeProto> swap = List.of(Nodes.integers("perm", perm));
    if (window.taps() == 1) {
      return node.op("Transpose", swap, w);
    }
    int taps = (int) window.taps();
    float[] reversal = new float[taps * taps];
    for (int i = 0; i < taps; i++) {
      reversal[i * taps + taps - 1 - i] = 1;
    }
    String rows = node.op("Reshape", w, node.int64s(-1, taps));
    String reversed = node.op("MatMul", rows, node.floats(reversal, taps, taps));
    return node.op("Transpose", swap, node.reshapedLike(reversed, w));
  }
}
