package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import java.util.List;
import java.util.Set;

/**
 * Counts what is positive in the float32 output [N, C, H, W] of a Relu: HardSigmoid twice makes 1
 * of every positive value (once would leave a fraction of denormals), GlobalAveragePool their share
 * in each channel. ONNX Runtime runs these operators in the blocked layout that it gives its
 * convolutions, so nothing is reordered, and NaN comes through to the mean.
 *
 * <p>A share of an image below 2^20 elements, times its size, is within 1/2 of the count that it
 * stands for. Larger images and NaN go to {@link ExactCount}.
 */
final class PooledCount implements CountRecipe {
  private static final float STEEP = 1e38f;
  private static final int FARTHEST = 8;
  private static final Set<String> KEEP_LAYOUT =
      Set.of("BatchNormalization", "Add", "Sum", "Mul", "Concat", "MaxPool", "AveragePool", "Relu");
  private static final double LARGEST_IMAGE = 0x1p20;

  @Override
  public boolean suits(Graph graph, Node producer, TensorType type) {
    return producer.isStandard()
        && producer.op().equals("Relu")
        && type.element() == ElementType.FLOAT
        && type.rank().orElse(-1) == 4
        && comesFromConvolution(graph, producer);
  }

  /**
   * Whether a convolution is behind the node, with nothing between but operators that keep the
   * layout. What a convolution makes is an image with pixels; GlobalAveragePool fails on others.
   */
  private static boolean comesFromConvolution(Graph graph, Node node) {
    Node at = node;
    for (int i = 0; i < FARTHEST && at.proto().getInputCount() > 0; i++) {
      at = graph.producer(at.proto().getInput(0)).orElse(null);
      if (at == null || !at.isStandard()) {
        return false;
      }
      if (at.op().equals("Conv")) {
        return true;
      }
      if (!KEEP_LAYOUT.contains(at.op())) {
        return false;
      }
    }
    return false;
  }

  /** 1 for each positive element, 0 for zero. */
  private static String positive(Ops ops, String x) {
    return ops.hardSigmoid(ops.hardSigmoid(x, STEEP), STEEP);
  }

  @Override
  public String emit(Ops ops, String x, TensorType type) {
    String shares = ops.op("GlobalAveragePool", positive(ops, x));
    String size = ops.op("Size", x);
    String elements = ops.op("Reshape", size, ops.int64s(1, 1));
    // In float64, whose division by zero channels is NaN and no fault.
    String channels = ops.cast(ops.op("Size", shares), ElementType.DOUBLE);
    String image =
        ops.cast(ops.op("Div", ops.cast(size, ElementType.DOUBLE), channels), ElementType.FLOAT);
    String plain = ops.op("Less", ops.sum(shares), ops.scalar(ElementType.FLOAT, Float.MAX_VALUE));
    String small = ops.op("Less", image, ops.scalar(ElementType.FLOAT, LARGEST_IMAGE));
    return ops.choose(
        ops.op("And", plain, small),
        3,
        fast -> fast(fast, elements, shares, image),
        exact -> ExactCount.emit(exact, x, ElementType.FLOAT, elements));
  }

  private static String fast(Ops ops, String elements, String shares, String image) {
    String counts = ops.op("Mul", shares, image);
    String rounded = ops.op("Add", counts, ops.scalar(ElementType.FLOAT, 0.5));
    String sum = ops.sum(ops.cast(rounded, ElementType.INT64));
    String nonzero = ops.op("Reshape", sum, ops.int64s(1, 1));
    return ops.concat(List.of(elements, nonzero, ops.row(0)), 1);
  }
}
