package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.List;

/**
 * The gradient of a MaxPool whose windows tile images: without gaps, overlap or padding. The rows
 * of an image that a row of windows covers are one row of a matrix here. Products with two constant
 * matrices spread what belongs to windows over their elements, and find of equal maxima the first:
 * with m = 1 at the maxima, m times (1 at the element itself, -1 at those behind it in its window)
 * is 1 there and at most 0 elsewhere. Exact, since only zeros are added to a value; elements that
 * are below the maximum by less than any normal number count as partly equal. Products are fast;
 * the pool's own Indices are not, by 2 to 3 times.
 */
final class TiledPool {
  /** Products take time in proportion to a row's length, Indices do not. */
  private static final long LONGEST_ROW = 448;

  private final NodeGradient node;
  private final int width;
  private final int rows;
  private final int columns;

  TiledPool(NodeGradient node, Window window) {
    this.node = node;
    int last = window.dimensions() - 1;
    width = (int) window.in()[last];
    rows = last == 0 ? 1 : (int) window.kernel()[0];
    columns = (int) window.kernel()[last];
  }

  static boolean fits(NodeGradient node, Window window) {
    int n = window.dimensions();
    boolean tiles = n <= 2 && !window.isPadded() && node.output(1).isEmpty();
    for (int i = 0; i < n; i++) {
      tiles &=
          window.strides()[i] == window.kernel()[i]
              && window.dilations()[i] == 1
              && window.out()[i] * window.kernel()[i] == window.in()[i];
    }
    return tiles && window.in()[n - 1] * (n == 1 ? 1 : window.kernel()[0]) <= LONGEST_ROW;
  }

  /**
   * The gradient of the pool's input.
   *
   * @param dy that of its output
   */
  String gradient(String dy) {
    int row = rows * width;
    String spread = node.op("MatMul", windows(dy), spreading());
    // Gemm, since ONNX Runtime 1.29.0 computes a Relu behind it in place.
    String first = node.op("Gemm", maxima(), node.floats(firstOnly(), row, row));
    return node.reshapedLike(node.op("Mul", node.op("Relu", first), spread), node.input(0));
  }

  /** 1 where an element is its window's largest, 0 elsewhere: of each less the largest, a step. */
  private String maxima() {
    List<AttributeProto> difference = List.of(Nodes.real("alpha", -1), Nodes.real("beta", 1));
    String x = node.op("Reshape", node.input(0), node.int64s(-1, rows * width));
    String below = node.op("Gemm", difference, windows(node.output(0)), spreading(), x);
    List<AttributeProto> steep =
        List.of(Nodes.real("alpha", Float.MAX_VALUE), Nodes.real("beta", 1));
    return node.op("HardSigmoid", steep, below);
  }

  /** A row of windows is a row. */
  private String windows(String pooled) {
    return node.op("Reshape", pooled, node.int64s(-1, width / columns));
  }

  /** 1 where a window (row) holds an element (column). */
  private String spreading() {
    int row = rows * width;
    float[] values = new float[width / columns * row];
    for (int element = 0; element < row; element++) {
      values[window(element) * row + element] = 1;
    }
    return node.floats(values, width / columns, row);
  }

  private float[] firstOnly() {
    int row = rows * width;
    float[] values = new float[row * row];
    for (int before = 0; before < row; before++) {
      for (int element = before; element < row; element++) {
        if (window(before) == window(element)) {
          values[before * row + element] = before == element ? 1 : -1;
        }
      }
    }
    return values;
  }

  private int window(int element) {
    return element % width / columns;
  }
}
