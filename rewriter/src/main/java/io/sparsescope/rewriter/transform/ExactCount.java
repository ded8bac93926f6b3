package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.List;

/** Counts tensors of any size, NaNs too; slow, so recipes come here only when they must. */
final class ExactCount {
  private ExactCount() {}

  /**
   * @param x a tensor of any rank and any float type
   * @param elements its size, int64 [1, 1]
   * @return int64 [1, 3]: elements, not zero, NaN
   */
  static String emit(Ops ops, String x, ElementType type, String elements) {
    ElementType wide = FloatKind.of(type).compareType();
    String nonzero = count(ops, ops.cast(x, ElementType.BOOL));
    String nan = count(ops, isNan(ops, wide == type ? x : ops.cast(x, wide), wide));
    return ops.concat(List.of(elements, nonzero, nan), 1);
  }

  /** Float64 adds ones exactly up to 2^53. */
  private static String count(Ops ops, String mask) {
    String sum = ops.sum(ops.cast(mask, ElementType.DOUBLE));
    return ops.op("Reshape", ops.cast(sum, ElementType.INT64), ops.int64s(1, 1));
  }

  private static String isNan(Ops ops, String x, ElementType type) {
    if (ops.opset() >= 9) {
      return ops.op("IsNaN", x);
    }
    // Every number is below one or above zero.
    String below = ops.op("Less", x, ops.scalar(type, 1));
    return ops.op("Not", ops.op("Or", below, ops.op("Greater", x, ops.scalar(type, 0))));
  }
}
