package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.rewriter.Ort;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs models on ONNX Runtime with tensors of the judge's. */
final class DoubleRuns {
  private DoubleRuns() {}

  /** Runs a model whose inputs are float32 and int64. */
  static Map<String, DoubleTensor> run(ModelProto model, Map<String, DoubleTensor> feeds) {
    Map<String, Ort.Tensor> inputs = new LinkedHashMap<>();
    feeds.forEach((name, tensor) -> inputs.put(name, narrowed(tensor)));
    Map<String, DoubleTensor> outputs = new LinkedHashMap<>();
    Ort.run(model.toByteArray(), inputs)
        .forEach((name, tensor) -> outputs.put(name, widened(tensor)));
    return outputs;
  }

  private static Ort.Tensor narrowed(DoubleTensor t) {
    long[] shape = Arrays.stream(t.shape()).asLongStream().toArray();
    if (t.integral()) {
      return Ort.Tensor.longs(t.longs(), shape);
    }
    float[] values = new float[t.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) t.values()[i];
    }
    return Ort.Tensor.floats(values, shape);
  }

  private static DoubleTensor widened(Ort.Tensor t) {
    int[] shape = Arrays.stream(t.shape()).mapToInt(Math::toIntExact).toArray();
    ByteBuffer raw = t.values().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[DoubleTensor.size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (t.type()) {
            case FLOAT -> raw.getFloat(4 * i);
            case DOUBLE -> raw.getDouble(8 * i);
            case INT64 -> raw.getLong(8 * i);
            case BOOL -> raw.get(i);
            default -> throw new AssertionError(t.type());
          };
    }
    return new DoubleTensor(shape, values, t.type() == ElementType.INT64);
  }

  /**
   * The largest distance of two tensors' elements, as a share of the largest magnitude in the first
   * one, or of another one where that is larger. Magnitudes below 1e-4 count as that much:
   * differences of what is zero by nature are but noise.
   */
  static double error(DoubleTensor expected, DoubleTensor actual, double least) {
    if (!Arrays.equals(expected.shape(), actual.shape())) {
      throw new AssertionError(
          "shape "
              + Arrays.toString(actual.shape())
              + " instead of "
              + Arrays.toString(expected.shape()));
    }
    double distance = 0;
    for (int i = 0; i < expected.size(); i++) {
      // Not Math.max: NaN must count.
      double d = Math.abs(expected.values()[i] - actual.values()[i]);
      distance = d <= distance ? distance : d;
    }
    return distance / Math.max(1e-4, Math.max(least, expected.largest()));
  }
}
