package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.rewriter.RewriteException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;

/** Thresholds and other transforms on an initializer's raw values. */
public final class Baking {
  private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

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

  /**
   * Does a transform on chunks of raw little-endian values, handed over front to back.
   *
   * @param data the values as they are, read anew at each {@code get} where the transform needs all
   *     of them at once
   * @return gives what is to be called with the chunks of one pass over the values
   */
  public static Supplier<Consumer<ByteBuffer>> transforming(Baked baked, TensorData data) {
    FloatKind kind = FloatKind.of(data.type());
    return baked.element().isPresent()
        ? () -> chunk -> each(chunk, kind, baked.element().get())
        : () -> following(transformed(baked, kind, data), kind);
  }

  private static void each(ByteBuffer chunk, FloatKind kind, DoubleUnaryOperator function) {
    chunk.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = chunk.position(); i < chunk.limit(); i += kind.bytes()) {
      double x = kind.get(chunk, i);
      if (!Double.isNaN(x)) {
        kind.put(chunk, i, function.applyAsDouble(x));
      }
    }
  }

  private static Consumer<ByteBuffer> following(double[] values, FloatKind kind) {
    int[] next = {0};
    return chunk -> each(chunk, kind, values, next);
  }

  private static void each(ByteBuffer chunk, FloatKind kind, double[] values, int[] next) {
    chunk.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = chunk.position(); i < chunk.limit(); i += kind.bytes()) {
      double value = values[next[0]++];
      if (!Double.isNaN(kind.get(chunk, i))) {
        kind.put(chunk, i, value);
      }
    }
  }

  private static double[] transformed(Baked baked, FloatKind kind, TensorData data) {
    if (data.elements() > MOST_ELEMENTS) {
      throw new RewriteException(
          "a weight of "
              + data.elements()
              + " elements is too large for a transform that needs all at once: leave out bake");
    }
    double[] values = new double[(int) data.elements()];
    int[] next = {0};
    data.forEachChunk(
        chunk -> {
          for (int i = chunk.position(); i < chunk.limit(); i += kind.bytes()) {
            values[next[0]++] = kind.get(chunk, i);
          }
        });
    baked.apply(values);
    return values;
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
