package io.sparsescope.it.conformance;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A value that went into a model or came out of it, off ONNX Runtime's memory. Two are equal if
 * they are so to the last bit, NaN payloads included.
 */
sealed interface Value {

  /** Numbers: raw little-endian bytes, from position 0 to the limit. */
  record Numbers(ElementType type, List<Long> shape, ByteBuffer raw) implements Value {

    static Numbers of(ElementType type, long[] shape, byte[] raw) {
      ByteBuffer buffer = ByteBuffer.wrap(raw).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
      return new Numbers(type, Arrays.stream(shape).boxed().toList(), buffer);
    }

    int size() {
      return type.bits() == 0 ? 0 : raw.limit() / (type.bits() / 8);
    }

    /** Element {@code i} as a double; integers beyond 2^53 are rounded. */
    double get(int i) {
      return switch (type) {
        case FLOAT -> raw.getFloat(i * 4);
        case DOUBLE -> raw.getDouble(i * 8);
        case FLOAT16 -> halfToDouble(raw.getShort(i * 2));
        case BFLOAT16 -> Float.intBitsToFloat(raw.getShort(i * 2) << 16);
        case BOOL, UINT8 -> raw.get(i) & 0xff;
        case INT8 -> raw.get(i);
        case UINT16 -> raw.getShort(i * 2) & 0xffff;
        case INT16 -> raw.getShort(i * 2);
        case UINT32 -> raw.getInt(i * 4) & 0xffffffffL;
        case INT32 -> raw.getInt(i * 4);
        case INT64, UINT64 -> raw.getLong(i * 8);
        default -> throw new IllegalArgumentException("cannot read " + type);
      };
    }

    private static double halfToDouble(short half) {
      int sign = half < 0 ? -1 : 1;
      int exponent = (half >> 10) & 0x1f;
      int mantissa = half & 0x3ff;
      if (exponent == 31) {
        return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
      }
      double magnitude =
          exponent == 0
              ? mantissa * 0x1p-24
              : (1 + mantissa * 0x1p-10) * Math.scalb(1.0, exponent - 15);
      return sign * magnitude;
    }
  }

  /** Strings, row-major. */
  record Strings(List<Long> shape, List<String> values) implements Value {}

  /** A sequence; or a map, as its keys and values in turn. */
  record Items(List<Value> values) implements Value {}

  /** No value: an optional output that is empty. */
  record Nothing() implements Value {}
}
