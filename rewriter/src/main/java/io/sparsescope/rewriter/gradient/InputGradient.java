package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.LongStream;

/**
 * The gradient of a convolution's input. A transposed convolution lays out a matrix of copies of
 * the input's channels; a convolution of dY with the kernel turned round one of the output's maps,
 * which reads where the other adds. With the batch innermost there is a third way for few channels:
 * the kernel's rows by a convolution, its columns by adding what that gives, moved along. Which is
 * the fastest was measured on ONNX Runtime 1.29.0.
 */
final class InputGradient {
  /** Up to how many times as many copies the convolution with the turned kernel is faster. */
  private static final double WORTH_FLIPPING = 1.5;

  /** The same with the batch innermost, where copies are of long runs. */
  private static final double WORTH_FLIPPING_TURNED = 3;

  /** How many of a convolution's copies take the time of one element moved along and added. */
  private static final long COPIES_AN_ADDITION = 6;

  private static final int ROWS = 0;
  private static final int COLUMNS = 1;

  private final NodeGradient node;
  private final Window window;
  private final boolean turns;
  private final String kernel;
  private final long maps;
  private final long channels;

  InputGradient(NodeGradient node, Window window) {
    this.node = node;
    this.window = window;
    turns = node.turns(node.input(0));
    kernel = node.input(1);
    maps = node.dim(kernel, 0);
    channels = node.dim(kernel, 1);
  }

  /** The gradient, from that of the output. */
  String of(String dy) {
    if (!canFlip()) {
      return transposed(dy);
    }
    if (isWorthAdding()) {
      return node.back(added(rows(dy)));
    }
    return isWorthFlipping() ? flipped(dy) : transposed(dy);
  }

  private boolean canFlip() {
    boolean can = node.integer("group", 1) == 1 && window.isDense();
    for (int i = 0; i < window.dimensions(); i++) {
      can &= window.begin()[i] < window.span(i) && window.end()[i] < window.span(i);
    }
    return can;
  }

  private boolean isWorthFlipping() {
    long transposed = channels * window.positions();
    long flipped = maps * Window.product(window.in());
    double worth = turns ? WORTH_FLIPPING_TURNED : WORTH_FLIPPING;
    return window.taps() == 1 || flipped <= worth * transposed;
  }

  private String transposed(String dy) {
    int n = window.dimensions();
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("strides", window.strides()));
    attributes.add(Nodes.integers("dilations", window.dilations()));
    attributes.add(Nodes.integers("pads", Window.pads(window.begin(), window.end())));
    attributes.add(
        Nodes.integers(
            "output_padding", LongStream.range(0, n).map(i -> window.rest((int) i)).toArray()));
    attributes.add(Nodes.integer("group", node.integer("group", 1)));
    return node.op("ConvTranspose", attributes, dy, kernel);
  }

  /** The convolution of the output's gradient with the kernel turned round, maps for channels. */
  private String flipped(String dy) {
    int n = window.dimensions();
    long[] begin = LongStream.range(0, n).map(i -> before((int) i)).toArray();
    long[] end = LongStream.range(0, n).map(i -> behind((int) i)).toArray();
    if (turns) {
      String reversed = node.op("Unsqueeze", reversed(), node.int64s(n + 2));
      List<AttributeProto> attributes =
          ConvGradient.turnedAttributes(window, window.strides(), begin, end);
      return node.back(node.op("Conv", attributes, node.turned(dy), reversed));
    }
    return node.op(
        "Conv",
        List.of(
            Nodes.integers("pads", Window.pads(begin, end)),
            Nodes.integers("dilations", window.dilations())),
        dy,
        reversed());
  }

  /** Zeros that dY needs before it for the turned kernel to begin at the input's first element. */
  private long before(int dimension) {
    return window.span(dimension) - 1 - window.begin()[dimension];
  }

  private long behind(int dimension) {
    return window.span(dimension) - 1 - window.end()[dimension];
  }

  private String reversed() {
    long[] perm = LongStream.range(0, node.rank(kernel)).toArray();
    perm[0] = 1;
    perm[1] = 0;
    int taps = (int) window.taps();
    String turned = taps == 1 ? kernel : node.reshapedLike(reordered(i -> taps - 1 - i), kernel);
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), turned);
  }

  /**
   * The elements of each of the kernel's planes in another order, {@code [M C, taps]}: by a
   * product, which is faster than Slice backwards.
   *
   * @param place where an element goes
   */
  private String reordered(IntUnaryOperator place) {
    int taps = (int) window.taps();
    float[] order = new float[taps * taps];
    for (int i = 0; i < taps; i++) {
      order[i * taps + place.applyAsInt(i)] = 1;
    }
    String planes = node.op("Reshape", kernel, node.int64s(-1, taps));
    return node.op("MatMul", planes, node.floats(order, taps, taps));
  }

  private boolean isWorthAdding() {
    if (!turns || window.taps() == 1) {
      return false;
    }
    long width = window.out()[COLUMNS];
    for (long column = 0; column < window.kernel()[COLUMNS]; column++) {
      long shift = shift(column);
      if (Math.abs(shift) >= width || Math.abs(window.in()[COLUMNS] - width + shift) >= width) {
        return false;
      }
    }
    long columns = window.kernel()[COLUMNS];
    return maps * window.kernel()[ROWS] * (columns - 1) > COPIES_AN_ADDITION * channels * columns;
  }

  /** How far to the left an element of a column of the kernel moves dY. */
  private long shift(long column) {
    return window.begin()[COLUMNS] - column * window.dilations()[COLUMNS];
  }

  /** The products with each of the kernel's columns, {@code [1, columns C, rows, columns, N]}. */
  private String rows(String dy) {
    int high = (int) window.kernel()[ROWS];
    int wide = (int) window.kernel()[COLUMNS];
    String columns =
        node.op(
            "Reshape",
            reordered(i -> i % wide * high + high - 1 - i / wide),
            node.int64s(maps, channels, wide, high));
    String outermost = node.op("Transpose", List.of(Nodes.integers("perm", 2, 1, 0, 3)), columns);
    String kernels = node.op("Reshape", outermost, node.int64s(wide * channels, maps, high, 1, 1));
    return node.op(
        "Conv",
        List.of(
            Nodes.integers("pads", before(ROWS), 0, 0, behind(ROWS), 0, 0),
            Nodes.integers("dilations", window.dilations()[ROWS], 1, 1)),
        node.turned(dy),
        kernels);
  }

  private String added(String rows) {
    long wide = window.kernel()[COLUMNS];
    long longer = window.in()[COLUMNS] - window.out()[COLUMNS];
    String[] moved = new String[(int) wide];
    for (int i = 0; i < wide; i++) {
      long shift = shift(i);
      long before = channels * i;
      long behind = channels * (wide - 1 - i);
      // Negative padding cuts off.
      long[] pads = {0, -before, 0, -shift, 0, 0, -behind, 0, longer + shift, 0};
      moved[i] = node.op("Pad", rows, node.int64s(pads));
    }
    return node.op("Sum", moved);
  }
}
