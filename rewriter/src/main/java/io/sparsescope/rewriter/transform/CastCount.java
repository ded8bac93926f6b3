package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import java.util.List;

/**
 * Counts by Cast to bool, Cast to float32, ReduceSum, for every float type and rank. Float32 adds
 * ones exactly up to 2^24, so larger tensors are counted by {@link ExactCount}, as are those whose
 * sum is NaN (NaN among the elements, or opposite infinities) or infinite.
 */
final class CastCount implements CountRecipe {
  static final double EXACT = 0x1p24;

  @Override
  public boolean suits(Graph graph, Node producer, TensorType type) {
    return type.element().isFloat();
  }

  @Override
  public String emit(Ops ops, String x, TensorType type) {
    ElementType element = type.element();
    ElementType wide = FloatKind.of(element).compareType();
    String mask = ops.cast(x, ElementType.BOOL);
    String size = ops.op("Size", mask);
    String elements = ops.op("Reshape", size, ops.int64s(1, 1));
    String ones = partialSums(ops, ops.cast(mask, ElementType.FLOAT), type);
    String total = ops.sum(wide == element ? x : ops.cast(x, wide));
    // NaN is not below anything.
    String plain = ops.op("Less", total, ops.scalar(wide, limit(wide)));
    String small =
        ops.op("Less", ops.cast(size, ElementType.FLOAT), ops.scalar(ElementType.FLOAT, EXACT));
    return ops.choose(
        ops.op("And", plain, small),
        3,
        fast -> fast(fast, elements, ones),
        exact -> ExactCount.emit(exact, x, element, elements));
  }

  /** Sums over an image's rows and columns run on several threads; a sum over all axes does not. */
  private static String partialSums(Ops ops, String ones, TensorType type) {
    int rank = type.rank().orElse(0);
    return switch (rank) {
      case 0, 1, 2 -> ops.sum(ones);
      case 3 -> ops.sum(ones, 2);
      default -> ops.sum(ones, rank - 2, rank - 1);
    };
  }

  private static String fast(Ops ops, String elements, String ones) {
    String sum = ops.sum(ops.cast(ones, ElementType.INT64));
    String nonzero = ops.op("Reshape", sum, ops.int64s(1, 1));
    return ops.concat(List.of(elements, nonzero, ops.row(0)), 1);
  }

  private static double limit(ElementType type) {
    return type == ElementType.DOUBLE ? Double.MAX_VALUE : Float.MAX_VALUE;
  }
}
