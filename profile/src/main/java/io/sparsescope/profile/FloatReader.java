package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads elements of the floating-point types of 16 bits and more, as doubles, exactly. */
enum FloatReader {
  FLOAT32(4) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getFloat(at);
    }
  },
  FLOAT64(8) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return bytes.getDouble(at);
    }
  },
  FLOAT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      int bits = bytes.getShort(at);
      int exponent = bits >> 10 & 0x1f;
      int mantissa = bits & 0x3ff;
      double magnitude =
          switch (exponent) {
            case 0 -> mantissa * 0x1p-24;
            case 0x1f -> mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> Math.scalb((double) (mantissa | 0x400), exponent - 25);
          };
      return bits < 0 ? -magnitude : magnitude;
    }
  },
  BFLOAT16(2) {
    @Override
    double get(ByteBuffer bytes, int at) {
      return Float.intBitsToFloat(bytes.getShort(at) << 16);
    }
  };

  private final int size;

  /**
   * @param size bytes of an element
   */
  FloatReader(int size) {
    this.size = size;
  }

  /** Bytes that an element takes. */
  int size() {
    return size;
  }

  /** The element that begins at an index of a little-endian buffer. */
  abstract double get(ByteBuffer bytes, int at);

  static boolean canRead(String type) {
    return find(type) != null;
  }

  /** Null for another type. */
  static FloatReader find(String type) {
    return switch (type) {
      case "float32" -> FLOAT32;
      case "float64" -> FLOAT64;
      case "float16" -> FLOAT16;
      case "bfloat16" -> BFLOAT16;
      default -> null;
    };
  }

  /**
   * The remaining elements of an output.
   *
   * @throws IllegalArgumentException if the type is none of these, or the bytes are not as many as
   *     the shape says
   */
  static double[] read(OutputValue output) {
    FloatReader reader = find(output.type());
    if (reader == null) {
      throw new IllegalArgumentException(output.type() + " is no float type");
    }
    long elements = 1;
    for (long length : output.shape()) {
      elements = Math.multiplyExact(elements, length);
    }
    ByteBuffer bytes = output.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (elements != bytes.remaining() / reader.size || bytes.remaining() % reader.size != 0) {
      throw new IllegalArgumentException(
          bytes.remaining() + " bytes are no " + output.type() + " of shape " + output.shape());
    }
    double[] values = new double[(int) elements];
    for (int i = 0; i < values.length; i++) {
      values[i] = reader.get(bytes, bytes.position() + i * reader.size);
    }
    return values;
  }
}
