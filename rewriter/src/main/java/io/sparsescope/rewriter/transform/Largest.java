package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;

/**
 * Which elements of each row are of the k largest magnitudes. Of equal magnitudes the one that
 * comes first is the larger, so that it is always k; NaN counts as infinite.
 */
final class Largest {
  /** The opset that has TopK with a k of each run's own, ScatterElements and Pad with inputs. */
  static final int OPSET = 11;

  private Largest() {}

  /** What {@link #others} orders: magnitudes, infinite for NaN. */
  static String keys(NodeMaker n, String x) {
    return n.select(n.op("IsNaN", x), n.scalar(Double.POSITIVE_INFINITY), n.op("Abs", x));
  }

  /**
   * Which elements are none of the k.
   *
   * <p>TopK of ONNX Runtime 1.29 ends the process where there is no row, so it is given one more
   * row, and one more column for rows without elements.
   *
   * @param keys of two dimensions, -1 or more
   * @param k int64 of shape [1], from 1 to the length of a row, or 1 where rows have no elements
   * @return bool, in the shape of the keys
   */
  static String others(NodeMaker n, String keys, String k) {
    String more = n.op("Pad", keys, n.int64s(0, 0, 1, 1), n.scalar(-2));
    List<String> top = n.op("TopK", 2, List.of(Nodes.integer("axis", 1)), more, k);
    String all = n.filled(n.op("Shape", more), true);
    String chosen = n.filled(n.op("Shape", top.get(1)), false);
    String others =
        n.op("ScatterElements", List.of(Nodes.integer("axis", 1)), all, top.get(1), chosen);
    return n.op("Slice", others, n.int64s(0, 0), n.op("Shape", keys));
  }

  /** 0 where the mask is true, but for NaN; else {@code x}. */
  static String zero(NodeMaker n, String mask, String x) {
    return n.keepNaN(x, n.select(mask, n.scalar(0), x));
  }

  /**
   * The same on the JVM, for elements {@code offset}, {@code offset + stride} and so on.
   *
   * @param kept is set for those that are kept
   */
  static void mark(double[] values, int offset, int stride, int count, int k, boolean[] kept) {
    Integer[] order = new Integer[count];
    for (int i = 0; i < count; i++) {
      order[i] = offset + i * stride;
    }
    Arrays.sort(order, (a, b) -> Double.compare(key(values[b]), key(values[a])));
    for (int i = 0; i < Math.min(k, count); i++) {
      kept[order[i]] = true;
    }
  }

  private static double key(double x) {
    return Double.isNaN(x) ? Double.POSITIVE_INFINITY : Math.abs(x);
  }

  static void zeroUnless(boolean[] kept, double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = kept[i] ? values[i] : 0;
    }
  }
}
