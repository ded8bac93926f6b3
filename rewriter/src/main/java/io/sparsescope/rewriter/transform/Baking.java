package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** The threshold transform on an initializer's raw values. */
public final class Baking {
  private Baking() {}

  /**
   * Zeroes, in chunks of raw little-endian values, the elements of a magnitude below the threshold.
   *
   * @param type a float type
   * @param t the threshold, which is rounded to the type
   * @param orEqual whether elements equal to it become zero too
   */
  public static Consumer<ByteBuffer> zeroing(ElementType type, double t, boolean orEqual) {
    FloatKind kind = FloatKind.of(type);
    double cut = kind.cut(t, orEqual);
    return chunk -> {
      chunk.order(ByteOrder.LITTLE_ENDIAN);
      switch (kind) {
        case FLOAT32 -> float32(chunk, (float) cut);
        case FLOAT64 -> float64(chunk, cut);
        case FLOAT16, BFLOAT16 -> bits16(chunk, kind, (float) cut);
      }
    };
  }

  private static void float32(ByteBuffer chunk, float cut) {
    for (int i = chunk.position(); i < chunk.limit(); i += Float.BYTES) {
      if (Math.abs(chunk.getFloat(i)) < cut) {
        chunk.putFloat(i, 0);
      }
    }
  }

  private static void float64(ByteBuffer chunk, double cut) {
    for (int i = chunk.position(); i < chunk.limit(); i += Double.BYTES) {
      if (Math.abs(chunk.getDouble(i)) < cut) {
        chunk.putDouble(i, 0);
      }
    }
  }

  private static void bits16(ByteBuffer chunk, FloatKind kind, float cut) {
    for (int i = chunk.position(); i < chunk.limit(); i += Short.BYTES) {
      if (Math.abs(kind.decode16(chunk.getShort(i) & 0xffff)) < cut) {
        chunk.putShort(i, (short) 0);
      }
    }
  }
}
