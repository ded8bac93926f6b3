package io.sparsescope.it.conformance;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** A value that went into a model or came out of it, off ONNX Runtime's memory. */
sealed interface Value {

  /** Whether the two are equal to the last bit, NaN payloads included. */
  boolean sameAs(Value other);

  /** Numbers: raw little-endian bytes. */
  record Numbers(ElementType type, long[] shape, byte[] raw) implements Value {

    @Override
    public boolean sameAs(Value other) {
      return other instanceof Numbers that
          && type == that.type
          && Arrays.equals(shape, that.shape)
          && Arrays.equals(raw, that.raw);
    }

    int size() {
      return type.bits() == 0 ? 0 : raw.length / (type.bits() / 8);
    }

    /** Element {@code i} as a double; integers beyond 2^53 are rounded. */
    double get(int i) {
      ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
      return switch (type) {
        case FLOAT -> b.getFloat(i * 4);
        case DOUBLE -> b.getDouble(i * 8);
        case FLOAT16 -> halfToDouble(b.getShort(i * 2));
        case BFLOAT16 -> Float.intBitsToFloat(b.getShort(i * 2) << 16);
        case BOOL, UINT8 -> b.get(i) & 0xff;
        case INT8 -> b.get(i);
        case UINT16 -> b.getShort(i * 2) & 0xffff;
        case INT16 -> b.getShort(i * 2);
        case UINT32 -> b.getInt(i * 4) & 0xffffffffL;
        case INT32 -> b.getInt(i * 4);
        case INT64, UINT64 -> b.getLong(i * 8);
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
  record Strings(long[] shape, List<String> values) implements Value {

    @Override
    public boolean sameAs(Value other) {
      return other instanceof Strings that
          && Arrays.equals(shape, that.shape)
          && values.equals(that.values);
    }
  }

  /** A sequence; or a map, as its keys and values in turn. */
  record Items(List<Value> values) implements Value {

    @Override
    public boolean sameAs(Value other) {
      if (!(other instanceof Items that) || values.size() != that.values.size()) {
        return false;
      }
      for (int i = 0; i < values.size(); i++) {
        if (!values.get(i).sameAs(that.values.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** No value: an optional output that is empty. */
  record Nothing() implements Value {

    @Override
    public boolean sameAs(Value other) {
      return other instanceof Nothing;
    }
  }
}
