package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.rewriter.match.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Magnitudes of a unit's elements, sorted; what is no number or infinite is left out. */
final class Magnitudes {
  /** Of more elements evenly spaced ones are taken. */
  static final int MOST = 1 << 22;

  private final double[] sorted;
  private final double each;

  /**
   * @param each how many elements a value stands for
   */
  private Magnitudes(double[] values, double each) {
    this.each = each;
    sorted = Arrays.stream(values).map(Math::abs).filter(Double::isFinite).sorted().toArray();
  }

  /**
   * Those of an activation.
   *
   * @param each how many elements a value stands for
   */
  static Magnitudes of(float[] values, double each) {
    double[] all = new double[values.length];
    Arrays.setAll(all, i -> values[i]);
    return new Magnitudes(all, each);
  }

  /** Those of a unit's weights. */
  static Magnitudes of(ModelFile model, SearchUnit unit) {
    int step = (int) Math.max(1, (unit.elements() + MOST - 1) / MOST);
    double[] values = new double[(int) (unit.elements() / step) + 1];
    long[] seen = {0};
    int[] taken = {0};
    for (Weight weight : unit.weights()) {
      TensorData data = WeightValues.of(model, weight).orElseThrow();
      Decoder decoder = Decoder.of(data);
      data.forEachChunk(
          chunk -> {
            ByteBuffer view = chunk.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            while (view.hasRemaining()) {
              double value = decoder.next(view);
              if (seen[0]++ % step == 0) {
                values[taken[0]++] = value;
              }
            }
          });
    }
    return new Magnitudes(Arrays.copyOf(values, taken[0]), step);
  }

  /**
   * For i from 1 to {@code steps} the magnitude below which i/steps of the elements lie, if there
   * are no ties: the smallest that is larger than that many. For all of them it is just above the
   * largest element.
   */
  List<Double> quantiles(int steps) {
    List<Double> quantiles = new ArrayList<>();
    for (int i = 1; i <= steps && sorted.length > 0; i++) {
      int below = (int) Math.ceil((double) sorted.length * i / steps);
      // The next float32 above the largest, so that it is above in every type of weights.
      quantiles.add(
          below < sorted.length
              ? sorted[below]
              : (double) Math.nextUp((float) sorted[sorted.length - 1]));
    }
    return quantiles;
  }

  /** How many elements are below a threshold, or equal to it if that counts; an estimate. */
  long below(double threshold, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < threshold || (orEqual && sorted[middle] == threshold)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Math.round(low * each);
  }

  /** Reads one element after the other as a double. */
  @FunctionalInterface
  private interface Decoder {
    double next(ByteBuffer values);

    static Decoder of(TensorData data) {
      return switch (data.type()) {
        case FLOAT -> ByteBuffer::getFloat;
        case DOUBLE -> ByteBuffer::getDouble;
        case FLOAT16 ->
            values -> ai.onnxruntime.platform.Fp16Conversions.fp16ToFloat(values.getShort());
        case BFLOAT16 ->
            values -> ai.onnxruntime.platform.Fp16Conversions.bf16ToFloat(values.getShort());
        default -> throw new IllegalArgumentException(data.type() + " is no float type");
      };
    }
  }
}
