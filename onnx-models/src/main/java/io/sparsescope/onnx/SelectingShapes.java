package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Shapes of what joins, cuts, repeats and picks elements. */
final class SelectingShapes {
  private SelectingShapes() {}

  static Optional<List<Dim>> concat(ShapeNode node) {
    List<Dim> joined = null;
    for (int i = 0; i < node.inputs(); i++) {
      Optional<List<Dim>> next = node.shape(i);
      if (next.isEmpty()) {
        return unknownLikeAny(node);
      }
      if (joined == null) {
        joined = new ArrayList<>(next.get());
        continue;
      }
      Optional<Integer> axis = ShapeRules.axis(node.integer("axis", 1), joined.size());
      if (axis.isEmpty() || next.get().size() != joined.size()) {
        return Optional.empty();
      }
      join(joined, next.get(), axis.get());
    }
    return Optional.ofNullable(joined);
  }

  private static void join(List<Dim> joined, List<Dim> next, int axis) {
    for (int i = 0; i < joined.size(); i++) {
      Dim one = joined.get(i);
      Dim other = next.get(i);
      if (i == axis) {
        boolean known = one.isKnown() && other.isKnown();
        joined.set(i, known ? Dim.of(one.value() + other.value()) : Dim.unknown());
      } else if (!one.isKnown()) {
        joined.set(i, other);
      }
    }
  }

  /** All inputs have one rank: that of any of them that is known. */
  private static Optional<List<Dim>> unknownLikeAny(ShapeNode node) {
    for (int i = 0; i < node.inputs(); i++) {
      if (node.shape(i).isPresent()) {
        return Optional.of(ShapeRules.unknown(node.shape(i).get().size()));
      }
    }
    return Optional.empty();
  }

  static List<List<Dim>> split(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return List.of();
    }
    List<Dim> shape = node.shape(0).get();
    Optional<Integer> axis = ShapeRules.axis(node.integer("axis", 0), shape.size());
    if (axis.isEmpty()) {
      return List.of();
    }
    List<List<Dim>> parts = new ArrayList<>();
    for (int i = 0; i < node.outputs(); i++) {
      List<Dim> part = new ArrayList<>(shape);
      part.set(axis.get(), part(node, shape.get(axis.get()), i));
      parts.add(part);
    }
    return parts;
  }

  private static Dim part(ShapeNode node, Dim size, int index) {
    if (node.lists("split", 1)) {
      return node.listed("split", 1)
          .filter(sizes -> index < sizes.size())
          .map(sizes -> Dim.of(sizes.get(index)))
          .orElseGet(Dim::unknown);
    }
    if (!size.isKnown()) {
      return Dim.unknown();
    }
    // Equal parts; the last one is smaller where they do not come out even.
    long equal = (size.value() + node.outputs() - 1) / node.outputs();
    return Dim.of(Math.max(0, Math.min(equal, size.value() - index * equal)));
  }

  static Optional<List<Dim>> slice(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return Optional.empty();
    }
    List<Dim> shape = new ArrayList<>(node.shape(0).get());
    Optional<Cut> cut = Cut.of(node, shape.size());
    if (cut.isEmpty()) {
      return Optional.of(ShapeRules.unknown(shape.size()));
    }
    for (int i = 0; i < cut.get().axes().size(); i++) {
      int axis = cut.get().axes().get(i);
      Dim size = shape.get(axis);
      shape.set(axis, size.isKnown() ? Dim.of(cut.get().size(i, size.value())) : Dim.unknown());
    }
    return Optional.of(shape);
  }

  static Optional<List<Dim>> pad(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return Optional.empty();
    }
    List<Dim> shape = node.shape(0).get();
    Optional<List<Long>> pads =
        node.listed("pads", 1).or(() -> node.integers("paddings")).filter(l -> l.size() % 2 == 0);
    Optional<List<Integer>> axes =
        node.has(3)
            ? node.numbers(3).flatMap(list -> ShapeRules.ordered(list, shape.size()))
            : Optional.of(ShapeRules.first(shape.size()));
    if (pads.isEmpty() || axes.isEmpty() || axes.get().size() * 2 != pads.get().size()) {
      return Optional.of(ShapeRules.unknown(shape.size()));
    }
    List<Dim> padded = new ArrayList<>(shape);
    for (int i = 0; i < axes.get().size(); i++) {
      long more = pads.get().get(i) + pads.get().get(i + axes.get().size());
      Dim size = shape.get(axes.get().get(i));
      if (more != 0) {
        padded.set(axes.get().get(i), size.isKnown() ? Dim.of(size.value() + more) : Dim.unknown());
      }
    }
    return Optional.of(padded);
  }

  static Optional<List<Dim>> gather(ShapeNode node) {
    Optional<List<Dim>> data = node.shape(0);
    Optional<List<Dim>> indices = node.shape(1);
    if (data.isEmpty() || indices.isEmpty()) {
      return Optional.empty();
    }
    return ShapeRules.axis(node.integer("axis", 0), data.get().size())
        .map(
            axis -> {
              List<Dim> shape = new ArrayList<>(data.get().subList(0, axis));
              shape.addAll(indices.get());
              shape.addAll(data.get().subList(axis + 1, data.get().size()));
              return shape;
            });
  }

  static Optional<List<Dim>> expand(ShapeNode node) {
    return node.shape(0)
        .flatMap(shape -> node.value(1).map(target -> AlgebraShapes.broadcast(shape, target)));
  }

  static Optional<List<Dim>> tile(ShapeNode node) {
    return node.shape(0)
        .map(
            shape -> {
              Optional<List<Long>> repeats =
                  node.numbers(1).filter(list -> list.size() == shape.size());
              if (repeats.isEmpty()) {
                return ShapeRules.unknown(shape.size());
              }
              List<Dim> tiled = new ArrayList<>();
              for (int i = 0; i < shape.size(); i++) {
                tiled.add(DimProduct.of(List.of(shape.get(i), Dim.of(repeats.get().get(i)))).dim());
              }
              return tiled;
            });
  }

  static Optional<List<Dim>> topK(ShapeNode node) {
    return node.shape(0)
        .flatMap(
            shape ->
                ShapeRules.axis(node.integer("axis", -1), shape.size())
                    .map(
                        axis -> {
                          List<Dim> top = new ArrayList<>(shape);
                          top.set(axis, k(node));
                          return top;
                        }));
  }

  private static Dim k(ShapeNode node) {
    if (node.attribute("k").isPresent()) {
      return Dim.of(node.integer("k", 0));
    }
    return node.value(1).filter(k -> k.size() == 1).map(k -> k.get(0)).orElseGet(Dim::unknown);
  }

  static Optional<List<Dim>> oneHot(ShapeNode node) {
    return node.shape(0)
        .flatMap(
            shape ->
                ShapeRules.axis(node.integer("axis", -1), shape.size() + 1)
                    .map(
                        axis -> {
                          List<Dim> hot = new ArrayList<>(shape);
                          hot.add(
                              axis,
                              node.value(1)
                                  .filter(depth -> depth.size() == 1)
                                  .map(depth -> depth.get(0))
                                  .orElseGet(Dim::unknown));
                          return hot;
                        }));
  }

  /** Resize: by its sizes; scales are not followed. */
  static Optional<List<Dim>> resize(ShapeNode node) {
    return node.shape(0)
        .map(
            shape ->
                node.value(3)
                    .filter(
                        sizes ->
                            sizes.size() == shape.size()
                                && node.attribute("axes").isEmpty()
                                && node.text("keep_aspect_ratio_policy", "stretch")
                                    .equals("stretch"))
                    .orElseGet(() -> ShapeRules.unknown(shape.size())));
  }

  /** What a Slice cuts out, along each of its axes. */
  record Cut(List<Integer> axes, List<Long> starts, List<Long> ends, List<Long> steps) {

    static Optional<Cut> of(ShapeNode node, int rank) {
      Optional<List<Long>> starts = node.listed("starts", 1);
      Optional<List<Long>> ends = node.listed("ends", 2);
      if (starts.isEmpty() || ends.isEmpty() || starts.get().size() != ends.get().size()) {
        return Optional.empty();
      }
      int count = starts.get().size();
      Optional<List<Integer>> axes =
          node.lists("axes", 3)
              ? node.listed("axes", 3).flatMap(list -> ShapeRules.ordered(list, rank))
              : Optional.of(ShapeRules.first(count));
      Optional<List<Long>> steps =
          node.has(4) ? node.numbers(4) : Optional.of(Collections.nCopies(count, 1L));
      if (axes.isEmpty() || steps.isEmpty() || steps.get().contains(0L)) {
        return Optional.empty();
      }
      if (axes.get().size() != count || steps.get().size() != count || count > rank) {
        return Optional.empty();
      }
      return Optional.of(new Cut(axes.get(), starts.get(), ends.get(), steps.get()));
    }

    /** How many elements are left of {@code size}. */
    long size(int place, long size) {
      long step = steps.get(place);
      long distance = end(place, size) - start(place, size);
      if (size == 0 || Long.signum(distance) != Long.signum(step)) {
        return 0;
      }
      // A step too long to be negated counts as one over the whole axis.
      return (Math.abs(distance) - 1) / Math.abs(Math.max(step, -size)) + 1;
    }

    long start(int place, long size) {
      long most = steps.get(place) > 0 ? size : size - 1;
      return clamp(fromEnd(starts.get(place), size), 0, most);
    }

    private long end(int place, long size) {
      long least = steps.get(place) > 0 ? 0 : -1;
      return clamp(fromEnd(ends.get(place), size), least, steps.get(place) > 0 ? size : size - 1);
    }

    private static long fromEnd(long index, long size) {
      return index < 0 ? index + size : index;
    }

    private static long clamp(long index, long least, long most) {
      return Math.max(least, Math.min(index, most));
    }
  }
}
