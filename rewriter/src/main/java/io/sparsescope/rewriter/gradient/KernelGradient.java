package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The gradient of a convolution's kernel, {@code dW[m,c,k] = sum over n, p of dY[n,m,p] X[n,c,p at
 * k]}: the elements that the window meets are laid out as a matrix {@code [C k, p N]}, and one
 * product with dY as {@code [M, p N]} does the sum. The batch lies innermost, so that every copy is
 * of a contiguous run of N.
 */
final class KernelGradient {
  /** How many multiplications take the time of copying one element: measured on x86-64. */
  private static final double PRODUCTS_A_COPY = 60;

  /** The node's input that the kernel is. */
  private static final int KERNEL = 1;

  /**
   * Up to how many elements of a map the batch is brought innermost for a product alone; larger
   * maps are copied faster in one piece each.
   */
  private static final long SMALL_MAP = 64;

  private final NodeGradient node;
  private final Window window;
  private final long groups;

  KernelGradient(NodeGradient node, Window window, long groups) {
    this.node = node;
    this.window = window;
    this.groups = groups;
  }

  /**
   * The gradient, with the kernel's weight decay where that can be added on the way.
   *
   * @param x what the window slides over, {@code [N,C,...]}, of the window's input dimensions
   * @param dy the gradient at each place of the window, {@code [N,M,...]}
   * @param channels C, of all groups
   * @param maps M
   * @return the kernel's gradient, its elements in the kernel's order
   */
  String of(String x, String dy, long channels, long maps) {
    if (window.isPoint()) {
      return decayed(channelsOutermost(dy), channelsOutermost(x), channels, maps);
    }
    if (isWorthSharing(channels, maps)) {
      return shared(padded(batchLast(x), 1), batchLast(dy), channels, maps);
    }
    String met = gather(padded(batchLast(x), 0), window.indices());
    return decayed(batchLast(dy), met, channels * window.taps(), maps);
  }

  private String decayed(String dy, String x, long rows, long maps) {
    double decay = groups == 1 ? node.takeDecay(KERNEL) : 0;
    if (decay == 0) {
      return product(matrix(dy, maps), matrix(x, rows));
    }
    return node.op(
        "Gemm",
        List.of(Nodes.integer("transB", 1), Nodes.real("beta", (float) decay)),
        matrix(dy, maps),
        matrix(x, rows),
        matrix(node.input(KERNEL), maps));
  }

  /**
   * Whether it is faster to lay out X for the shifts along a row only, and dY for those from row to
   * row: mostly fewer copies, and no products with rows of padding.
   */
  private boolean isWorthSharing(long channels, long maps) {
    if (window.dimensions() != 2 || !window.isDense() || groups > 1) {
      return false;
    }
    double rows = window.in()[0];
    long height = window.out()[0];
    double copies =
        (channels * window.taps() + maps) * height
            - (channels * window.kernel()[1] + maps * window.kernel()[0]) * rows;
    double products = (double) channels * maps * window.taps() * (rows - height);
    return copies * PRODUCTS_A_COPY > products;
  }

  /**
   * @param x without padding from row to row, which would add zeros alone
   */
  private String shared(String x, String dy, long channels, long maps) {
    long high = window.kernel()[0];
    long wide = window.kernel()[1];
    String alongRows = matrix(gather(x, rowShifts()), channels * wide);
    String fromRowToRow = matrix(gather(rowsPadded(dy), columnShifts()), maps * high);
    return columnsInnermost(product(fromRowToRow, alongRows), channels, maps);
  }

  /**
   * The kernel's rows of {@code [M high, C wide]} behind the channels: as the innermost dimension,
   * then by a product, which together take a third of the time of a transposition that moves
   * columns along.
   */
  private String columnsInnermost(String product, long channels, long maps) {
    int high = (int) window.kernel()[0];
    int wide = (int) window.kernel()[1];
    int taps = high * wide;
    float[] swap = new float[taps * taps];
    for (int row = 0; row < high; row++) {
      for (int column = 0; column < wide; column++) {
        swap[(column * high + row) * taps + row * wide + column] = 1;
      }
    }
    String byRow = node.op("Reshape", product, node.int64s(maps, high, channels * wide));
    String rowsLast = node.op("Transpose", List.of(Nodes.integers("perm", 0, 2, 1)), byRow);
    String kernels = node.op("Reshape", rowsLast, node.int64s(maps * channels, taps));
    return node.op("MatMul", kernels, node.floats(swap, taps, taps));
  }

  /** For each column of the kernel, of each of X's rows the elements that it meets. */
  private long[] rowShifts() {
    return new Window(
            window.in(),
            new long[] {window.in()[0], window.out()[1]},
            new long[] {1, window.kernel()[1]},
            window.strides(),
            window.dilations(),
            new long[] {0, window.begin()[1]},
            new long[] {0, window.end()[1]})
        .indices();
  }

  /** Rows of zeros that dY needs before it for its last row to be moved to X's first. */
  private long rowsBefore() {
    return Math.max(0, window.span(0) - 1 - window.begin()[0]);
  }

  /** dY with as many rows of zeros as it is moved by, {@code [M, rows, columns N]}. */
  private String rowsPadded(String dy) {
    long before = rowsBefore();
    long behind = Math.max(0, window.in()[0] + window.begin()[0] - window.out()[0]);
    String padded =
        before + behind == 0
            ? dy
            : node.op("Pad", dy, node.int64s(0, before, 0, 0, 0, behind, 0, 0));
    return node.op("Reshape", padded, node.int64s(0, before + window.out()[0] + behind, -1));
  }

  /** For each row of the kernel, dY moved down to the rows of X that it meets. */
  private long[] columnShifts() {
    long rows = window.in()[0];
    long first = rowsBefore() + window.begin()[0];
    return LongStream.range(0, window.kernel()[0] * rows)
        .map(i -> i % rows + first - i / rows * window.dilations()[0])
        .toArray();
  }

  private String gather(String x, long[] indices) {
    return node.op("Gather", List.of(Nodes.integer("axis", 1)), x, node.int64s(indices));
  }

  /**
   * The input with its padding, {@code [C, spatial, N]}.
   *
   * @param first the first of the spatial dimensions that get theirs
   */
  private String padded(String x, int first) {
    int n = window.dimensions();
    long[] begin = new long[n + 2];
    long[] end = new long[n + 2];
    long spatial = 1;
    for (int i = 0; i < n; i++) {
      begin[1 + i] = i < first ? 0 : window.begin()[i];
      end[1 + i] = i < first ? 0 : window.reach(i);
      spatial *= begin[1 + i] + window.in()[i] + end[1 + i];
    }
    boolean none = Arrays.stream(begin).sum() + Arrays.stream(end).sum() == 0;
    String padded = none ? x : node.op("Pad", x, node.int64s(Window.pads(begin, end)));
    // 0 keeps a dimension; the batch is what is left.
    return n == 1 ? padded : node.op("Reshape", padded, node.int64s(0, spatial, -1));
  }

  /** Rows of a group, for each group. */
  private String matrix(String x, long rows) {
    return groups == 1
        ? node.op("Reshape", x, node.int64s(rows, -1))
        : node.op("Reshape", x, node.int64s(groups, rows / groups, -1));
  }

  private String product(String dy, String x) {
    if (groups == 1) {
      return node.op("Gemm", List.of(Nodes.integer("transB", 1)), dy, x);
    }
    String columns = node.op("Transpose", List.of(Nodes.integers("perm", 0, 2, 1)), x);
    return node.op("MatMul", dy, columns);
  }

  private String batchLast(String x) {
    if (turns()) {
      return node.op("Squeeze", node.turned(x), node.int64s(0));
    }
    long[] perm = LongStream.range(0, window.dimensions() + 2).map(i -> i + 1).toArray();
    perm[perm.length - 1] = 0;
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }

  /** In any order of the rest, which a sum runs over. */
  private String channelsOutermost(String x) {
    return turns() || window.positions() <= SMALL_MAP ? batchLast(x) : channelsFirst(x);
  }

  private boolean turns() {
    return node.turns(node.input(0));
  }

  private String channelsFirst(String x) {
    long[] perm = LongStream.range(0, window.dimensions() + 2).toArray();
    perm[0] = 1;
    perm[1] = 0;
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }
}
