package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;

/**
 * The float types as transforms see them: a threshold is rounded to the tensor's type, so that an
 * element written as the same decimal is a tie; one too large for the type is above every finite
 * element.
 */
enum FloatKind {
  FLOAT32(ElementType.FLOAT),
  FLOAT64(ElementType.DOUBLE),
  FLOAT16(ElementType.FLOAT16),
  BFLOAT16(ElementType.BFLOAT16);

  private final ElementType type;

  FloatKind(ElementType type) {
    this.type = type;
  }

  static FloatKind of(ElementType type) {
    for (FloatKind k : values()) {
      if (k.type == type) {
        return k;
      }
    }
    throw new IllegalArgumentException(type + " is no float type");
  }

  /** The type that elements are compared in: their own, or float32 for the 16-bit types. */
  ElementType compareType() {
    return this == FLOAT64 ? ElementType.DOUBLE : ElementType.FLOAT;
  }

  /** Bytes that an element takes. */
  int bytes() {
    return type.bits() / 8;
  }

  /** The element at an index of a little-endian buffer. */
  double get(ByteBuffer from, int index) {
    return switch (this) {
      case FLOAT64 -> from.getDouble(index);
      case FLOAT32 -> from.getFloat(index);
      case FLOAT16, BFLOAT16 -> decode16(from.getShort(index) & 0xffff);
    };
  }

  /** Puts an element, rounded to the type, at an index of a little-endian buffer. */
  void put(ByteBuffer into, int index, double value) {
    switch (this) {
      case FLOAT64 -> into.putDouble(index, value);
      case FLOAT32 -> into.putFloat(index, (float) value);
      case FLOAT16, BFLOAT16 -> into.putShort(index, encode16((float) value));
    }
  }

  /** The value of the type that is nearest, ties to even; infinity beyond its largest. */
  double round(double t) {
    return switch (this) {
      case FLOAT64 -> t;
      case FLOAT32 -> (float) t;
      case FLOAT16, BFLOAT16 -> nearest16(t);
    };
  }

  /**
   * The value c such that |x| &lt; c says, for every x of the type, what |x| &lt; t or |x| &lt;= t
   * says of t rounded to the type.
   */
  double cut(double t, boolean orEqual) {
    double rounded = round(t);
    if (!orEqual || Double.isInfinite(rounded)) {
      return rounded;
    }
    return this == FLOAT64 ? Math.nextUp(rounded) : Math.nextUp((float) rounded);
  }

  /** The value that 16 bits of a 16-bit type stand for. */
  float decode16(int bits) {
    if (this == BFLOAT16) {
      return Float.intBitsToFloat(bits << 16);
    }
    int exponent = bits >>> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    float magnitude;
    if (exponent == 0x1f) {
      magnitude = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      magnitude = mantissa * 0x1p-24f;
    } else {
      magnitude = Math.scalb((float) (mantissa | 0x400), exponent - 25);
    }
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  /** The 16 bits of a 16-bit type nearest to a float32, ties to even; NaN is the quiet one. */
  short encode16(float x) {
    int sign = Float.floatToRawIntBits(x) >>> 16 & 0x8000;
    if (Float.isNaN(x)) {
      return (short) (sign | (this == FLOAT16 ? 0x7e00 : 0x7fc0));
    }
    int bits = Float.floatToRawIntBits(x) & 0x7fffffff;
    if (this == BFLOAT16) {
      return (short) (sign | (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
    float magnitude = Float.intBitsToFloat(bits);
    if (magnitude >= 65520) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      // Multiples of 2^-24: adding 2^-1 leaves no bits below them.
      int denormal = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
      return (short) (sign | denormal);
    }
    int rounded = bits + 0xfff + (bits >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }

  /** The largest finite value of the type that is not above a positive number. */
  double floor(double t) {
    return switch (this) {
      case FLOAT64 -> t;
      case FLOAT32 -> (float) t > t ? Math.nextDown((float) t) : (float) t;
      case FLOAT16, BFLOAT16 -> decode16(below(t));
    };
  }

  /** Positive 16-bit values rise with their bits, which makes rounding a binary search. */
  private int below(double t) {
    int low = 0;
    int high = infinity();
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (decode16(middle) <= t) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int infinity() {
    return this == FLOAT16 ? 0x7c00 : 0x7f80;
  }

  private double nearest16(double t) {
    int low = below(t);
    int high = low + 1;
    double below = decode16(low);
    // Rounding sees the value that would follow the largest if the exponent went on.
    double above = high == infinity() ? 2 * below - decode16(low - 1) : decode16(high);
    double toBelow = t - below;
    double toAbove = above - t;
    boolean up = toAbove < toBelow || (toAbove == toBelow && (low & 1) == 1);
    return up ? decode16(high) : below;
  }
}
