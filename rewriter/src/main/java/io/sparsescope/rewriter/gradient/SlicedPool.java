package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A MaxPool over images with the batch innermost ({@link BatchInnermost}), whose windows may
 * overlap. Backwards, what each window holds at one place (a tap) is a slice of the input; going
 * through the taps in their order, one that is the largest takes what is left of the window's
 * gradient, so that of equal ones the first has it. Exact, since factors are 0 and 1; an element
 * below the largest by less than any normal number counts as partly equal.
 */
final class SlicedPool {
  /** Each tap takes some passes over the output. */
  private static final long MOST_TAPS = 16;

  private static final int ROWS = 0;
  private static final int COLUMNS = 1;

  private final NodeGradient node;
  private final Window window;

  SlicedPool(NodeGradient node, Window window) {
    this.node = node;
    this.window = window;
  }

  static boolean fits(NodeGradient node, Window window) {
    boolean fits =
        node.turns(node.input(0)) && node.output(1).isEmpty() && window.taps() <= MOST_TAPS;
    for (int i = 0; i < window.dimensions(); i++) {
      fits &=
          window.dilations()[i] == 1
              && window.begin()[i] < window.kernel()[i]
              && window.reach(i) < window.kernel()[i];
    }
    return fits;
  }

  /** Adds the pool itself, padded as far as its windows reach. */
  void addForward() {
    long[] kernel = window.kernel();
    long[] strides = window.strides();
    node.addForwardTurned(
        "MaxPool",
        List.of(
            Nodes.integers("kernel_shape", kernel[ROWS], kernel[COLUMNS], 1),
            Nodes.integers("strides", strides[ROWS], strides[COLUMNS], 1),
            Nodes.integers("pads", pads(2))),
        node.turned(node.input(0)));
  }

  /** Of all dimensions from the one given, 2 for the rows. */
  private long[] pads(int from) {
    int n = 5 - from;
    long[] pads = new long[2 * n];
    for (int i = 0; i < 2; i++) {
      pads[2 - from + i] = window.begin()[i];
      pads[n + 2 - from + i] = window.reach(i);
    }
    return pads;
  }

  /**
   * The gradient of the pool's input.
   *
   * @param dy that of its output
   */
  String gradient(String dy) {
    int taps = (int) window.taps();
    String x = node.turned(node.input(0));
    String left = node.turned(dy);
    List<String> taken = new ArrayList<>();
    String padded =
        window.isPadded()
            ? node.op("Pad", x, node.int64s(pads(0)), node.scalar(-Float.MAX_VALUE))
            : x;
    for (int tap = 0; tap < taps - 1; tap++) {
      String part = node.op("Mul", left, isLargest(slice(padded, tap)));
      left = node.op("Sub", left, part);
      taken.add(part);
    }
    taken.add(left);
    return node.back(cropped(interleaved(taken)));
  }

  private String slice(String x, int tap) {
    long[] begin = {row(tap), column(tap)};
    long[] end = new long[2];
    Arrays.setAll(end, i -> begin[i] + (window.out()[i] - 1) * window.strides()[i] + 1);
    return node.op(
        "Slice",
        x,
        node.int64s(begin),
        node.int64s(end),
        node.int64s(2, 3),
        node.int64s(window.strides()));
  }

  private long row(int tap) {
    return tap / window.kernel()[COLUMNS];
  }

  private long column(int tap) {
    return tap % window.kernel()[COLUMNS];
  }

  /** 1 where the elements are their windows' largest, 0 elsewhere: a step at a difference of 0. */
  private String isLargest(String elements) {
    List<AttributeProto> steep =
        List.of(Nodes.real("alpha", Float.MAX_VALUE), Nodes.real("beta", 1));
    String below = node.op("Sub", elements, node.turned(node.output(0)));
    return node.op("HardSigmoid", steep, below);
  }

  /**
   * What the taps took, in the places of the padded input: rows of the same remainder by the stride
   * lie side by side first, and so do columns.
   */
  private String interleaved(List<String> taken) {
    long channels = node.dim(node.input(0), 1);
    List<String> rows = new ArrayList<>();
    for (long r = 0; r < classes(ROWS); r++) {
      List<String> columns = new ArrayList<>();
      for (long c = 0; c < classes(COLUMNS); c++) {
        columns.add(
            node.op(
                "Reshape",
                added(taken, r, c),
                node.int64s(channels, length(ROWS), length(COLUMNS), 1, -1)));
      }
      String row = spaced(columns, 3, COLUMNS);
      long width = length(COLUMNS) * window.strides()[COLUMNS];
      rows.add(node.op("Reshape", row, node.int64s(channels, length(ROWS), 1, width, -1)));
    }
    return spaced(rows, 2, ROWS);
  }

  /** How many remainders a window's elements have. */
  private long classes(int dimension) {
    return Math.min(window.kernel()[dimension], window.strides()[dimension]);
  }

  /** How many elements have a remainder, those behind the padded input's last included. */
  private long length(int dimension) {
    long stride = window.strides()[dimension];
    return (window.padded(dimension) + stride - 1) / stride;
  }

  private String added(List<String> taken, long rowClass, long columnClass) {
    List<String> parts = new ArrayList<>();
    for (int tap = 0; tap < taken.size(); tap++) {
      long row = row(tap) - rowClass;
      long column = column(tap) - columnClass;
      if (row % window.strides()[ROWS] == 0 && column % window.strides()[COLUMNS] == 0) {
        parts.add(
            moved(
                taken.get(tap), row / window.strides()[ROWS], column / window.strides()[COLUMNS]));
      }
    }
    return parts.size() == 1 ? parts.get(0) : node.op("Sum", parts.toArray(String[]::new));
  }

  private String moved(String part, long rows, long columns) {
    long below = length(ROWS) - window.out()[ROWS] - rows;
    long behind = length(COLUMNS) - window.out()[COLUMNS] - columns;
    return rows + columns + below + behind == 0
        ? part
        : node.op("Pad", part, node.int64s(0, 0, rows, columns, 0, 0, 0, below, behind, 0));
  }

  /** Joined along an axis, with zeros for the remainders that no window's element has. */
  private String spaced(List<String> parts, int axis, int dimension) {
    String joined =
        parts.size() == 1
            ? parts.get(0)
            : node.op("Concat", List.of(Nodes.integer("axis", axis)), parts.toArray(String[]::new));
    long[] pads = new long[10];
    pads[5 + axis] = window.strides()[dimension] - parts.size();
    return pads[5 + axis] == 0 ? joined : node.op("Pad", joined, node.int64s(pads));
  }

  /** Without padding and what lies behind it. */
  private String cropped(String spaced) {
    long height = length(ROWS) * window.strides()[ROWS];
    long width = length(COLUMNS) * window.strides()[COLUMNS];
    long channels = node.dim(node.input(0), 1);
    String all = node.op("Reshape", spaced, node.int64s(1, channels, height, width, -1));
    long[] begin = window.begin();
    long[] end = {begin[ROWS] + window.in()[ROWS], begin[COLUMNS] + window.in()[COLUMNS]};
    boolean whole = !window.isPadded() && height == end[ROWS] && width == end[COLUMNS];
    return whole
        ? all
        : node.op("Slice", all, node.int64s(begin), node.int64s(end), node.int64s(2, 3));
  }
}
