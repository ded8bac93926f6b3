package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Conv: the input's gradient by another convolution ({@link InputGradient}), the kernel's by one
 * product of matrices ({@link KernelGradient}), the bias's by a sum.
 */
final class ConvGradient implements GradientRule {
  @Override
  public void forward(NodeGradient node) {
    if (!turns(node)) {
      node.addForward(node.proto());
      return;
    }
    Window window = window(node);
    List<String> inputs = new ArrayList<>(List.of(node.turned(node.input(0))));
    inputs.add(node.op("Unsqueeze", node.input(1), node.int64s(node.rank(node.input(1)))));
    if (node.hasInput(2)) {
      inputs.add(node.input(2));
    }
    node.addForwardTurned(
        "Conv",
        turnedAttributes(window, window.strides(), window.begin(), window.end()),
        inputs.toArray(String[]::new));
  }

  private static boolean turns(NodeGradient node) {
    return node.turns(node.input(0));
  }

  /** A convolution's with a window of one element in the batch's dimension. */
  static List<AttributeProto> turnedAttributes(
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
      node.give(0, new InputGradient(node, window).of(dy));
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
}
