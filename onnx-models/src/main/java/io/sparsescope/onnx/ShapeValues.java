package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongBinaryOperator;
import java.util.function.Supplier;

/**
 * Elements of small integer tensors that a graph computes from shapes and constants, as exporters
 * do to make the target of a Reshape.
 */
final class ShapeValues {
  private static final int MOST = 1024;

  private ShapeValues() {}

  /**
   * The elements of a stored tensor; empty if it is no small integer one of rank 0 or 1, or cannot
   * be read.
   */
  static Optional<List<Dim>> of(ElementType type, List<Long> dims, Supplier<TensorData> data) {
    boolean whole = type == ElementType.INT64 || type == ElementType.INT32;
    if (!whole || dims.size() > 1 || Shapes.elements(dims) > MOST) {
      return Optional.empty();
    }
    try {
      ByteBuffer buffer = data.get().toBuffer();
      List<Dim> elements = new ArrayList<>();
      while (buffer.hasRemaining()) {
        elements.add(Dim.of(type == ElementType.INT64 ? buffer.getLong() : buffer.getInt()));
      }
      return Optional.of(elements);
    } catch (OnnxException e) {
      // Whoever needs the values will say what is wrong with them.
      return Optional.empty();
    }
  }

  /** The elements of a node's first output, if its rank is 0 or 1 and they can be followed. */
  static Optional<List<Dim>> of(ShapeNode node) {
    return elements(node).filter(elements -> elements.size() <= MOST);
  }

  private static Optional<List<Dim>> elements(ShapeNode node) {
    return switch (node.op()) {
      case "Shape" -> shape(node);
      case "Size" -> node.shape(0).map(dims -> List.of(DimProduct.of(dims).dim()));
      case "Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten" -> node.value(0);
      case "Cast" -> node.value(0).filter(value -> castsToInteger(node));
      case "Gather" -> gather(node);
      case "Concat" -> concat(node);
      case "Slice" -> slice(node);
      case "ConstantOfShape" -> filled(node);
      case "Range" -> range(node);
      case "Add" -> pairs(node, (a, b) -> a + b);
      case "Sub" -> pairs(node, (a, b) -> a - b);
      case "Mul" -> pairs(node, (a, b) -> a * b);
      case "Div" -> divided(node);
      case "Equal" -> pairs(node, (a, b) -> a == b ? 1 : 0);
      case "Where" -> where(node);
      default -> Optional.empty();
    };
  }

  private static Optional<List<Dim>> shape(ShapeNode node) {
    return node.shape(0)
        .map(
            dims -> {
              int start = clamp(node.integer("start", 0), dims.size());
              int end = clamp(node.integer("end", dims.size()), dims.size());
              return start < end ? dims.subList(start, end) : List.of();
            });
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.max(0, Math.min(axis < 0 ? axis + rank : axis, rank));
  }

  private static boolean castsToInteger(ShapeNode node) {
    ElementType type = ElementType.of((int) node.integer("to", 0));
    return type == ElementType.INT64 || type == ElementType.INT32;
  }

  private static Optional<List<Dim>> gather(ShapeNode node) {
    Optional<List<Dim>> data = node.value(0);
    Optional<List<Long>> indices = node.numbers(1);
    if (data.isEmpty() || indices.isEmpty()) {
      return Optional.empty();
    }
    return ShapeRules.ordered(indices.get(), data.get().size())
        .map(found -> found.stream().map(data.get()::get).toList());
  }

  private static Optional<List<Dim>> concat(ShapeNode node) {
    List<Dim> joined = new ArrayList<>();
    for (int i = 0; i < node.inputs(); i++) {
      Optional<List<Dim>> next = node.value(i);
      if (next.isEmpty() || joined.size() > MOST) {
        return Optional.empty();
      }
      joined.addAll(next.get());
    }
    return Optional.of(joined);
  }

  private static Optional<List<Dim>> slice(ShapeNode node) {
    Optional<List<Dim>> data = node.value(0);
    Optional<SelectingShapes.Cut> cut = SelectingShapes.Cut.of(node, 1);
    if (data.isEmpty() || cut.isEmpty()) {
      return Optional.empty();
    }
    List<Dim> elements = data.get();
    if (cut.get().axes().isEmpty()) {
      return data;
    }
    List<Dim> left = new ArrayList<>();
    long start = cut.get().start(0, elements.size());
    for (long i = 0; i < cut.get().size(0, elements.size()); i++) {
      left.add(elements.get((int) (start + i * cut.get().steps().get(0))));
    }
    return Optional.of(left);
  }

  /** ConstantOfShape of rank 0 or 1. */
  private static Optional<List<Dim>> filled(ShapeNode node) {
    Optional<TensorProto> value = node.attribute("value").map(attribute -> attribute.getT());
    Optional<List<Long>> dims = node.numbers(0).filter(list -> list.size() <= 1);
    if (value.isEmpty() || dims.isEmpty()) {
      return Optional.empty();
    }
    long count = dims.get().isEmpty() ? 1 : dims.get().get(0);
    if (count < 0 || count > MOST) {
      return Optional.empty();
    }
    TensorProto one = value.get();
    return of(ElementType.of(one.getDataType()), one.getDimsList(), () -> Tensors.data(one))
        .filter(elements -> elements.size() == 1)
        .map(elements -> Collections.nCopies((int) count, elements.get(0)));
  }

  private static Optional<List<Dim>> range(ShapeNode node) {
    Optional<List<Long>> start = node.numbers(0);
    Optional<List<Long>> limit = node.numbers(1);
    Optional<List<Long>> step = node.numbers(2);
    if (!isScalar(start) || !isScalar(limit) || !isScalar(step) || step.get().get(0) == 0) {
      return Optional.empty();
    }
    long by = step.get().get(0);
    List<Dim> elements = new ArrayList<>();
    for (long i = start.get().get(0);
        by > 0 ? i < limit.get().get(0) : i > limit.get().get(0);
        i += by) {
      if (elements.size() > MOST) {
        return Optional.empty();
      }
      elements.add(Dim.of(i));
    }
    return Optional.of(elements);
  }

  private static boolean isScalar(Optional<List<Long>> value) {
    return value.isPresent() && value.get().size() == 1;
  }

  private static Optional<List<Dim>> divided(ShapeNode node) {
    boolean byZero = node.numbers(1).filter(list -> list.contains(0L)).isPresent();
    return byZero ? Optional.empty() : pairs(node, (a, b) -> a / b);
  }

  private static Optional<List<Dim>> pairs(ShapeNode node, LongBinaryOperator operator) {
    Optional<List<Dim>> one = node.value(0);
    Optional<List<Dim>> other = node.value(1);
    if (one.isEmpty() || other.isEmpty() || !fit(one.get(), other.get())) {
      return Optional.empty();
    }
    List<Dim> elements = new ArrayList<>();
    for (int i = 0; i < Math.max(one.get().size(), other.get().size()); i++) {
      Dim a = at(one.get(), i);
      Dim b = at(other.get(), i);
      boolean known = a.isKnown() && b.isKnown();
      elements.add(known ? Dim.of(operator.applyAsLong(a.value(), b.value())) : Dim.unknown());
    }
    return Optional.of(elements);
  }

  private static Optional<List<Dim>> where(ShapeNode node) {
    Optional<List<Dim>> condition = node.value(0);
    Optional<List<Dim>> yes = node.value(1);
    Optional<List<Dim>> no = node.value(2);
    if (condition.isEmpty() || yes.isEmpty() || no.isEmpty()) {
      return Optional.empty();
    }
    if (!fit(condition.get(), yes.get()) || !fit(condition.get(), no.get())) {
      return Optional.empty();
    }
    List<Dim> elements = new ArrayList<>();
    for (int i = 0; i < condition.get().size(); i++) {
      Dim which = condition.get().get(i);
      Dim chosen = at(which.is(0) ? no.get() : yes.get(), i);
      elements.add(which.isKnown() ? chosen : Dim.unknown());
    }
    return Optional.of(elements);
  }

  private static boolean fit(List<Dim> one, List<Dim> other) {
    return one.size() == other.size() || one.size() == 1 || other.size() == 1;
  }

  private static Dim at(List<Dim> elements, int place) {
    return elements.get(elements.size() == 1 ? 0 : place);
  }
}
