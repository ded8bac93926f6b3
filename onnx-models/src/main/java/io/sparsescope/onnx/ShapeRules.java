package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What ONNX's own operators make of their inputs' shapes, by the operator's name. */
final class ShapeRules {
  /** Gives shapes of a node's outputs, as many of the first ones as it can tell. */
  interface Rule {
    List<List<Dim>> outputs(ShapeNode node);
  }

  private static final int MAX_RANK = 64;
  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    all(StandardTypes.SAME_SHAPE, first(node -> node.shape(0)));
    all(words("Bernoulli BitCast Cast CastLike EyeLike IsInf IsNaN"), first(node -> node.shape(0)));
    all(words("DequantizeLinear QuantizeLinear"), first(node -> node.shape(0)));
    all(words("RandomNormalLike RandomUniformLike"), first(node -> node.shape(0)));
    all(StandardTypes.BROADCAST, first(AlgebraShapes::broadcast));
    all(StandardTypes.COMPARE, first(AlgebraShapes::broadcast));
    all(words("Where"), first(AlgebraShapes::broadcast));
    all(StandardTypes.REDUCE, first(AlgebraShapes::reduce));
    all(words("ArgMax ArgMin"), first(AlgebraShapes::reduceOne));
    all(words("MatMul MatMulInteger"), first(AlgebraShapes::matMul));
    all(words("Gemm"), first(AlgebraShapes::gemm));
    all(words("LayerNormalization"), AlgebraShapes::layerNormalization);
    all(words("BatchNormalization"), ShapeRules::batchNormalization);
    all(words("Conv ConvInteger"), first(WindowShapes::convolution));
    all(words("ConvTranspose"), first(WindowShapes::transposed));
    all(words("MaxPool"), both(WindowShapes::pooling));
    all(words("AveragePool LpPool"), first(WindowShapes::pooling));
    all(words("GlobalAveragePool GlobalLpPool GlobalMaxPool"), first(WindowShapes::global));
    all(words("Dropout"), both(node -> node.shape(0)));
    all(words("Reshape"), first(ReshapingShapes::reshape));
    all(words("Flatten"), first(ReshapingShapes::flatten));
    all(words("Transpose"), first(ReshapingShapes::transpose));
    all(words("Squeeze"), first(ReshapingShapes::squeeze));
    all(words("Unsqueeze"), first(ReshapingShapes::unsqueeze));
    all(words("DepthToSpace"), first(ReshapingShapes::depthToSpace));
    all(words("SpaceToDepth"), first(ReshapingShapes::spaceToDepth));
    all(words("Concat"), first(SelectingShapes::concat));
    all(words("Split"), SelectingShapes::split);
    all(words("Slice"), first(SelectingShapes::slice));
    all(words("Pad"), first(SelectingShapes::pad));
    all(words("Gather"), first(SelectingShapes::gather));
    all(words("GatherElements"), first(node -> node.shape(1)));
    all(words("Expand"), first(SelectingShapes::expand));
    all(words("Tile"), first(SelectingShapes::tile));
    all(words("TopK"), both(SelectingShapes::topK));
    all(words("OneHot"), first(SelectingShapes::oneHot));
    all(words("Resize"), first(SelectingShapes::resize));
    all(words("ConstantOfShape"), first(node -> node.value(0)));
    all(words("Size"), first(node -> Optional.of(List.of())));
    all(words("Shape"), first(ShapeRules::vector));
    all(words("Range"), first(ShapeRules::vector));
  }

  private ShapeRules() {}

  /** The shapes of a node's outputs; what it cannot tell is left out at the end. */
  static List<List<Dim>> outputs(ShapeNode node) {
    return RULES.getOrDefault(node.op(), none -> List.of()).outputs(node);
  }

  private static Set<String> words(String text) {
    return StandardTypes.words(text);
  }

  private static void all(Set<String> operators, Rule rule) {
    operators.forEach(operator -> RULES.put(operator, rule));
  }

  private static Rule first(Function<ShapeNode, Optional<List<Dim>>> rule) {
    return node -> rule.apply(node).map(List::of).orElse(List.of());
  }

  private static Rule both(Function<ShapeNode, Optional<List<Dim>>> rule) {
    return node -> rule.apply(node).map(shape -> List.of(shape, shape)).orElse(List.of());
  }

  private static List<List<Dim>> batchNormalization(ShapeNode node) {
    if (node.shape(0).isEmpty()) {
      return List.of();
    }
    List<Dim> statistic = node.shape(3).or(() -> node.shape(1)).orElse(unknown(1));
    List<List<Dim>> shapes = new ArrayList<>(Collections.nCopies(node.outputs(), statistic));
    if (!shapes.isEmpty()) {
      shapes.set(0, node.shape(0).get());
    }
    return shapes;
  }

  /** A vector as long as the elements that {@link ShapeValues} finds. */
  private static Optional<List<Dim>> vector(ShapeNode node) {
    return Optional.of(
        ShapeValues.of(node).map(value -> List.of(Dim.of(value.size()))).orElse(unknown(1)));
  }

  /** A shape of which only the rank is known. */
  static List<Dim> unknown(int rank) {
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      dims.add(Dim.unknown());
    }
    return dims;
  }

  /** An axis counted from the front; empty if there is none such. */
  static Optional<Integer> axis(long axis, int rank) {
    long found = axis < 0 ? axis + rank : axis;
    return found >= 0 && found < rank ? Optional.of((int) found) : Optional.empty();
  }

  /** Axes counted from the front; empty if one does not exist. */
  static Optional<Set<Integer>> axes(List<Long> axes, int rank) {
    return ordered(axes, rank).map(HashSet::new);
  }

  /** Likewise, in their order. */
  static Optional<List<Integer>> ordered(List<Long> axes, int rank) {
    List<Integer> found = new ArrayList<>();
    for (long axis : axes) {
      axis(axis, rank).ifPresent(found::add);
    }
    return found.size() == axes.size() ? Optional.of(found) : Optional.empty();
  }

  /** The first axes. */
  static List<Integer> first(int count) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < Math.min(count, MAX_RANK); i++) {
      axes.add(i);
    }
    return axes;
  }
}
