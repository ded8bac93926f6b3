package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.function.DoublePredicate;

/** Elements of raw little-endian tensors as numbers. */
public final class Elements {
  private Elements() {}

  /** Whether {@link #read} knows the type: floats, and integers that a double holds exactly. */
  public static boolean canRead(ElementType type) {
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT8, UINT8, BOOL, INT16, UINT16, INT32, UINT32 ->
          true;
      default -> false;
    };
  }

  /**
   * The element at a byte of a little-endian buffer.
   *
   * @throws IllegalArgumentException if the type is not one that can be read
   */
  public static double read(ElementType type, ByteBuffer chunk, int at) {
    return switch (type) {
      case FLOAT -> chunk.getFloat(at);
      case DOUBLE -> chunk.getDouble(at);
      case FLOAT16, BFLOAT16 -> FloatKind.of(type).decode16(chunk.getShort(at) & 0xffff);
      case INT8 -> chunk.get(at);
      case UINT8, BOOL -> chunk.get(at) & 0xff;
      case INT16 -> chunk.getShort(at);
      case UINT16 -> chunk.getShort(at) & 0xffff;
      case INT32 -> chunk.getInt(at);
      case UINT32 -> chunk.getInt(at) & 0xffff_ffffL;
      default -> throw new IllegalArgumentException(type.label() + " cannot be read as numbers");
    };
  }

  /**
   * Whether a number is zero once it is converted to a float type and has met a threshold.
   *
   * @param type the float type
   * @param t the threshold, which is rounded to the type
   * @param orEqual whether elements equal to it become zero too
   */
  public static DoublePredicate zeroBehind(ElementType type, double t, boolean orEqual) {
    FloatKind kind = FloatKind.of(type);
    double cut = kind.cut(t, orEqual);
    return x -> {
      if (Double.isNaN(x)) {
        return false;
      }
      double magnitude = kind.round(Math.abs(x));
      return magnitude == 0 || magnitude < cut;
    };
  }
}
