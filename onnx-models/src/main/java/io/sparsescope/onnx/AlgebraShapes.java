package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Shapes of what computes with whole tensors: broadcasting, products, reductions. */
final class AlgebraShapes {
  // Below it, operators of two inputs had an attribute axis, and the first input's shape.
  private static final int BROADCASTING_OPSET = 7;

  private AlgebraShapes() {}

  static Optional<List<Dim>> broadcast(ShapeNode node) {
    if (node.opset() < BROADCASTING_OPSET) {
      return node.shape(0);
    }
    List<Dim> shape = List.of();
    for (int i = 0; i < node.inputs(); i++) {
      Optional<List<Dim>> next = node.shape(i);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      shape = broadcast(shape, next.get());
    }
    return Optional.of(shape);
  }

  static List<Dim> broadcast(List<Dim> one, List<Dim> other) {
    int rank = Math.max(one.size(), other.size());
    List<Dim> shape = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      shape.add(broadcast(fromEnd(one, rank - i), fromEnd(other, rank - i)));
    }
    return shape;
  }

  private static Dim fromEnd(List<Dim> dims, int place) {
    return place > dims.size() ? Dim.ONE : dims.get(dims.size() - place);
  }

  private static Dim broadcast(Dim one, Dim other) {
    if (one.equals(other) || other.is(1)) {
      return one;
    }
    if (one.is(1) || other.isKnown() && !one.isKnown()) {
      return other;
    }
    return one.isKnown() && !other.isKnown() ? one : Dim.unknown();
  }

  static Optional<List<Dim>> matMul(ShapeNode node) {
    Optional<List<Dim>> left = node.shape(0);
    Optional<List<Dim>> right = node.shape(1);
    if (left.isEmpty() || right.isEmpty() || left.get().isEmpty() || right.get().isEmpty()) {
      return Optional.empty();
    }
    List<Dim> a = left.get();
    List<Dim> b = right.get();
    List<Dim> shape =
        new ArrayList<>(
            broadcast(
                a.subList(0, Math.max(0, a.size() - 2)), b.subList(0, Math.max(0, b.size() - 2))));
    if (a.size() > 1) {
      shape.add(a.get(a.size() - 2));
    }
    if (b.size() > 1) {
      shape.add(b.get(b.size() - 1));
    }
    return Optional.of(shape);
  }

  static Optional<List<Dim>> gemm(ShapeNode node) {
    return Optional.of(
        List.of(
            side(node, 0, node.flag("transA", false) ? 1 : 0),
            side(node, 1, node.flag("transB", false) ? 0 : 1)));
  }

  private static Dim side(ShapeNode node, int input, int axis) {
    return node.shape(input)
        .filter(shape -> shape.size() == 2)
        .map(shape -> shape.get(axis))
        .orElseGet(Dim::unknown);
  }

  static Optional<List<Dim>> reduce(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return Optional.empty();
    }
    List<Dim> shape = node.shape(0).get();
    boolean keep = node.flag("keepdims", true);
    Optional<List<Long>> axes = node.listed("axes", 1);
    if (axes.isEmpty() && node.lists("axes", 1)) {
      return keep ? Optional.of(ShapeRules.unknown(shape.size())) : Optional.empty();
    }
    if (axes.isEmpty() || axes.get().isEmpty()) {
      return Optional.of(
          node.flag("noop_with_empty_axes", false)
              ? shape
              : without(shape, all(shape.size()), keep));
    }
    return ShapeRules.axes(axes.get(), shape.size()).map(found -> without(shape, found, keep));
  }

  /** ArgMax and ArgMin. */
  static Optional<List<Dim>> reduceOne(ShapeNode node) {
    return node.shape(0)
        .flatMap(
            shape ->
                ShapeRules.axes(List.of(node.integer("axis", 0)), shape.size())
                    .map(axes -> without(shape, axes, node.flag("keepdims", true))));
  }

  /** The shape with axes left out or, if they are kept, of size 1. */
  static List<Dim> without(List<Dim> shape, Set<Integer> axes, boolean keep) {
    List<Dim> left = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!axes.contains(i)) {
        left.add(shape.get(i));
      } else if (keep) {
        left.add(Dim.ONE);
      }
    }
    return left;
  }

  private static Set<Integer> all(int rank) {
    Set<Integer> axes = new HashSet<>();
    for (int i = 0; i < rank; i++) {
      axes.add(i);
    }
    return axes;
  }

  /** LayerNormalization: the statistics have size 1 from the first normalized axis on. */
  static List<List<Dim>> layerNormalization(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return List.of();
    }
    List<Dim> shape = node.shape(0).get();
    Optional<Integer> axis = ShapeRules.axis(node.integer("axis", -1), shape.size());
    if (axis.isEmpty()) {
      return List.of(shape);
    }
    List<Dim> statistics = new ArrayList<>(shape.subList(0, axis.get()));
    statistics.addAll(Collections.nCopies(shape.size() - axis.get(), Dim.ONE));
    return List.of(shape, statistics, statistics);
  }
}
