package io.sparsescope.experiments.evaluate;

import ai.onnxruntime.platform.Fp16Conversions;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.List;

/** A tensor's values as float32, a row a record. */
final class FloatRows {
  private FloatRows() {}

  /**
   * Cuts a tensor into the rows of {@code count} records. Where there is more than one, its first
   * dimension must count them.
   *
   * @param what what messages call the tensor
   * @param shape its dimensions
   * @param data its values, little-endian
   */
  static float[][] of(String what, ElementType type, List<Long> shape, ByteBuffer data, int count) {
    if (!type.isFloat()) {
      throw new ExperimentException(
          what + " holds " + type.label() + ", not floating-point numbers; judge another output");
    }
    int elements = data.remaining() / (type.bits() / 8);
    if (count > 1 && (shape.isEmpty() || shape.get(0) != count)) {
      throw new ExperimentException(
          what
              + " has the shape "
              + shape
              + " for a batch of "
              + count
              + " records, so that it is unknown which values are whose; use --batch 1");
    }
    int each = elements / count;
    float[][] rows = new float[count][each];
    int at = data.position();
    for (float[] row : rows) {
      for (int i = 0; i < each; i++) {
        row[i] = value(type, data, at);
        at += type.bits() / 8;
      }
    }
    return rows;
  }

  private static float value(ElementType type, ByteBuffer data, int at) {
    return switch (type) {
      case FLOAT -> data.getFloat(at);
      case DOUBLE -> (float) data.getDouble(at);
      case FLOAT16 -> Fp16Conversions.fp16ToFloat(data.getShort(at));
      case BFLOAT16 -> Fp16Conversions.bf16ToFloat(data.getShort(at));
      default -> throw new AssertionError(type);
    };
  }
}
