package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Shapes of what gives the same elements another shape. */
final class ReshapingShapes {
  private ReshapingShapes() {}

  /** 0 keeps the input's dimension, -1 takes what is left, as ONNX's Reshape says. */
  static Optional<List<Dim>> reshape(ShapeNode node) {
    Optional<List<Dim>> wanted =
        node.has(1)
            ? node.value(1)
            : node.integers("shape").map(list -> list.stream().map(Dim::of).toList());
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Optional<List<Dim>> input = node.shape(0);
    List<Dim> shape = new ArrayList<>();
    int open = -1;
    for (int i = 0; i < wanted.get().size(); i++) {
      Dim dim = wanted.get().get(i);
      if (dim.is(-1)) {
        open = i;
        shape.add(Dim.ONE);
      } else {
        shape.add(dim.is(0) && !node.flag("allowzero", false) ? kept(input, i) : own(input, dim));
      }
    }
    if (open >= 0) {
      List<Dim> others = List.copyOf(shape);
      shape.set(
          open,
          input
              .map(dims -> DimProduct.of(dims).over(DimProduct.of(others)))
              .orElseGet(Dim::unknown));
    }
    return Optional.of(shape);
  }

  /** A number that is not known may turn out to be -1, unless it is a dimension of the input. */
  private static Dim own(Optional<List<Dim>> input, Dim dim) {
    boolean sure = dim.isKnown() || input.filter(dims -> dims.contains(dim)).isPresent();
    return sure ? dim : Dim.unknown();
  }

  private static Dim kept(Optional<List<Dim>> input, int place) {
    return input
        .filter(dims -> place < dims.size())
        .map(dims -> dims.get(place))
        .orElseGet(Dim::unknown);
  }

  static Optional<List<Dim>> flatten(ShapeNode node) {
    Optional<List<Dim>> shape = node.shape(0);
    if (shape.isEmpty()) {
      return Optional.empty();
    }
    int rank = shape.get().size();
    long axis = node.integer("axis", 1);
    int at = (int) (axis < 0 ? axis + rank : axis);
    if (at < 0 || at > rank) {
      return Optional.empty();
    }
    return Optional.of(
        List.of(
            DimProduct.of(shape.get().subList(0, at)).dim(),
            DimProduct.of(shape.get().subList(at, rank)).dim()));
  }

  static Optional<List<Dim>> transpose(ShapeNode node) {
    Optional<List<Dim>> shape = node.shape(0);
    if (shape.isEmpty()) {
      return Optional.empty();
    }
    int rank = shape.get().size();
    Optional<List<Long>> order = node.integers("perm");
    List<Dim> moved = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      long from = order.isPresent() && i < order.get().size() ? order.get().get(i) : rank - 1 - i;
      if (from < 0 || from >= rank) {
        return Optional.empty();
      }
      moved.add(shape.get().get((int) from));
    }
    return Optional.of(moved);
  }

  static Optional<List<Dim>> squeeze(ShapeNode node) {
    Optional<List<Dim>> shape = node.shape(0);
    Optional<List<Long>> axes = node.listed("axes", 1);
    if (shape.isEmpty() || axes.isEmpty() && node.lists("axes", 1)) {
      return Optional.empty();
    }
    List<Dim> dims = shape.get();
    if (axes.isPresent()) {
      return ShapeRules.axes(axes.get(), dims.size())
          .map(found -> AlgebraShapes.without(dims, found, false));
    }
    // Every axis of size 1 goes; an axis that is not known may be one.
    return dims.stream().allMatch(Dim::isKnown)
        ? Optional.of(dims.stream().filter(dim -> !dim.is(1)).toList())
        : Optional.empty();
  }

  static Optional<List<Dim>> unsqueeze(ShapeNode node) {
    Optional<List<Dim>> shape = node.shape(0);
    Optional<List<Long>> axes = node.listed("axes", 1);
    if (shape.isEmpty() || axes.isEmpty()) {
      return Optional.empty();
    }
    int rank = shape.get().size() + axes.get().size();
    Optional<Set<Integer>> found = ShapeRules.axes(axes.get(), rank);
    if (found.isEmpty() || found.get().size() != axes.get().size()) {
      return Optional.empty();
    }
    List<Dim> wider = new ArrayList<>(rank);
    for (int i = 0, next = 0; i < rank; i++) {
      wider.add(found.get().contains(i) ? Dim.ONE : shape.get().get(next++));
    }
    return Optional.of(wider);
  }

  /** DepthToSpace: channels become rows and columns. */
  static Optional<List<Dim>> depthToSpace(ShapeNode node) {
    long size = node.integer("blocksize", 1);
    return image(node, -size * size, size);
  }

  /** SpaceToDepth: rows and columns become channels. */
  static Optional<List<Dim>> spaceToDepth(ShapeNode node) {
    long size = node.integer("blocksize", 1);
    return image(node, size * size, -size);
  }

  /** [N, C, H, W] with sizes multiplied, or divided where the factor is negative. */
  private static Optional<List<Dim>> image(ShapeNode node, long channels, long side) {
    return node.shape(0)
        .filter(dims -> dims.size() == 4)
        .map(
            dims ->
                List.of(
                    dims.get(0),
                    scaled(dims.get(1), channels),
                    scaled(dims.get(2), side),
                    scaled(dims.get(3), side)));
  }

  private static Dim scaled(Dim dim, long factor) {
    if (!dim.isKnown() || factor == 0) {
      return Dim.unknown();
    }
    return Dim.of(factor > 0 ? dim.value() * factor : dim.value() / -factor);
  }
}
