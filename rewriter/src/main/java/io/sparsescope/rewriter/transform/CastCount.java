package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Counts by Cast to bool, Cast to float32, ReduceSum, for every float type and rank. Float32 adds
 * ones exactly up to 2^24, so larger tensors are counted by {@link ExactCount}, as are those whose
 * sum is NaN (NaN among the elements, or opposite infinities) or infinite.
 *
 * <p>Channels are counted whichever way the tensor is, NaN as not zero. Float32 adds ones up within
 * one record's channel, so their numbers are exact below 2^24 elements there, and 0 in any case
 * only if there are zeros alone.
 */
final class CastCount implements CountRecipe {
  static final double EXACT = 0x1p24;

  /**
   * Names of what was made.
   *
   * @param row as {@link CountRecipe#emit} tells
   * @param channels int64 [C]: the elements that are not zero in each channel; "" if not asked for
   */
  record Counted(String row, String channels) {}

  @Override
  public boolean suits(Graph graph, Node producer, TensorType type) {
    return type.element().isFloat();
  }

  @Override
  public String emit(Ops ops, String x, TensorType type) {
    return count(ops, x, type, false).row();
  }

  /** Counts the elements of each channel, too, of a tensor whose rank is known and 2 or more. */
  static Counted withChannels(Ops ops, String x, TensorType type) {
    return count(ops, x, type, true);
  }

  private static Counted count(Ops ops, String x, TensorType type, boolean channels) {
    ElementType element = type.element();
    ElementType wide = FloatKind.of(element).compareType();
    String mask = ops.cast(x, ElementType.BOOL);
    String size = ops.op("Size", mask);
    String elements = ops.op("Reshape", size, ops.int64s(1, 1));
    String ones = partialSums(ops, ops.cast(mask, ElementType.FLOAT), type, channels);
    String total = ops.sum(wide == element ? x : ops.cast(x, wide));
    // NaN is not below anything.
    String plain = ops.op("Less", total, ops.scalar(wide, limit(wide)));
    String small =
        ops.op("Less", ops.cast(size, ElementType.FLOAT), ops.scalar(ElementType.FLOAT, EXACT));
    String row =
        ops.choose(
            ops.op("And", plain, small),
            3,
            fast -> fast(fast, elements, ones),
            exact -> ExactCount.emit(exact, x, element, elements));
    return new Counted(row, channels ? channels(ops, ones, type.rank().orElseThrow()) : "");
  }

  /** Sums over an image's rows and columns run on several threads; a sum over all axes does not. */
  private static String partialSums(Ops ops, String ones, TensorType type, boolean channels) {
    int rank = type.rank().orElse(0);
    return switch (rank) {
      case 0, 1 -> ops.sum(ones);
      case 2 -> channels ? ops.sum(ones, 0) : ops.sum(ones);
      case 3 -> ops.sum(ones, 2);
      default -> ops.sum(ones, rank - 2, rank - 1);
    };
  }

  /**
   * @param rank of the tensor itself
   */
  private static String channels(Ops ops, String ones, int rank) {
    String whole = ops.cast(ones, ElementType.INT64);
    if (rank == 2) {
      return whole;
    }
    int left = rank == 3 ? 2 : rank - 2;
    return ops.sum(
        whole, IntStream.range(0, left).filter(axis -> axis != 1).asLongStream().toArray());
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
