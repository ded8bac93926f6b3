package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The gradient of a convolution's kernel, {@code dW[m,c,k] = sum over n, p of dY[n,m,p] X[n,c,p at
 * k]}: the elements that the window meets are laid out as a matrix {@code [C k, p N]}, and one
 * product with dY as {@code [M, p N]} does the sum. The batch lies innermost, so that every copy is
 * of a contiguous run of N.
 */
final class KernelGradient {
  private final NodeGradient node;
  private final Window window;
  private final long groups;

  KernelGradient(NodeGradient node, Window window, long groups) {
    this.node = node;
    this.window = window;
    this.groups = groups;
  }

  /**
   * @param x what the window slides over, {@code [N,C,...]}, of the window's input dimensions
   * @param dy the gradient at each place of the window, {@code [N,M,...]}
   * @param channels C, of all groups
   * @param maps M
   * @return the kernel's gradient, its elements in the kernel's order
   */
  String of(String x, String dy, long channels, long maps) {
    if (window.isPoint()) {
      return product(matrix(channelsFirst(dy), maps), matrix(channelsFirst(x), channels));
    }
    String met =
        node.op(
            "Gather",
            List.of(Nodes.integer("axis", 1)),
            padded(batchLast(x)),
            node.int64s(window.indices()));
    return product(matrix(batchLast(dy), maps), matrix(met, channels * window.taps()));
  }

  /** The input with its padding, {@code [C, spatial, N]}. */
  private String padded(String x) {
    int n = window.dimensions();
    String padded = x;
    if (window.isPadded()) {
      long[] begin = new long[n + 2];
      long[] end = new long[n + 2];
      for (int i = 0; i < n; i++) {
        begin[1 + i] = window.begin()[i];
        end[1 + i] = window.reach(i);
      }
      padded = node.op("Pad", x, node.int64s(Window.pads(begin, end)));
    }
    long spatial =
        Window.product(LongStream.range(0, n).map(i -> window.padded((int) i)).toArray());
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
    long[] perm = LongStream.range(0, window.dimensions() + 2).map(i -> i + 1).toArray();
    perm[perm.length - 1] = 0;
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }

  private String channelsFirst(String x) {
    long[] perm = LongStream.range(0, window.dimensions() + 2).toArray();
    perm[0] = 1;
    perm[1] = 0;
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }
}
