package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.TensorProto;

/**
 * The threshold transform as nodes: elements of a magnitude below t (or equal to it) become zero,
 * all others, NaN and infinities included, stay as they are.
 *
 * <p>{@code Where(Less(Abs(x), t), 0, x)}; "or equal" is "below the next value". 16-bit types go by
 * float32, which holds them exactly, because ONNX Runtime's CPU kernels lack them. Before opset 9,
 * which brought Where, x is multiplied by 1 or 0: that is the same but for the sign of new zeros,
 * because an infinite x is never below t.
 *
 * <p>Shrink would be one node instead of three, but turns NaN into 0 and zeroes ties.
 */
public final class ThresholdNodes {
  /** The first opset whose comparisons broadcast. */
  public static final int FIRST_OPSET = 7;

  /** The first opset that has GreaterOrEqual. */
  private static final int FIRST_AT_LEAST = 12;

  private ThresholdNodes() {}

  /**
   * The value c of a float type such that a threshold makes exactly the elements x with |x| &lt; c
   * zero.
   */
  public static double cut(ElementType type, double t, boolean orEqual) {
    return FloatKind.of(type).cut(t, orEqual);
  }

  /** A threshold that is fixed in the model. */
  public static void emit(
      Ops ops, String x, String output, ElementType type, double t, boolean orEqual) {
    FloatKind kind = FloatKind.of(type);
    String cut = ops.scalar(kind.compareType(), kind.cut(t, orEqual));
    String wide = widened(ops, x, type);
    select(ops, ops.op("Less", ops.op("Abs", wide), cut), wide, output, type);
  }

  /** Whether the model's opset has what {@link #emitProduct} needs. */
  public static boolean canMultiply(Ops ops) {
    return ops.opset() >= FIRST_AT_LEAST;
  }

  /**
   * A fixed threshold as {@code x * (|x| >= t)}: as {@link #emit}, but the zeros that it makes have
   * the sign of what was there. In ONNX Runtime, whose Where goes over its operands several times,
   * it takes two thirds of the time.
   */
  public static void emitProduct(
      Ops ops, String x, String output, Target target, double t, boolean orEqual) {
    ElementType type = target.type();
    FloatKind kind = FloatKind.of(type);
    ElementType wide = kind.compareType();
    String cut = ops.scalar(wide, kind.cut(t, orEqual), target.rank());
    String from = widened(ops, x, type);
    // NaN is not at least t, and stays what it is when multiplied by 0.
    String kept = ops.cast(ops.op("GreaterOrEqual", ops.op("Abs", from), cut), wide);
    if (wide == type) {
      ops.opTo(output, "Mul", from, kept);
    } else {
      ops.castTo(output, ops.op("Mul", from, kept), type);
    }
  }

  /** A threshold that is the value of another tensor, a scalar as {@link #threshold} makes it. */
  public static void emitDynamic(
      Ops ops, String x, String output, ElementType type, String t, boolean orEqual) {
    String wide = widened(ops, x, type);
    String magnitude = ops.op("Abs", wide);
    String mask;
    if (!orEqual) {
      mask = ops.op("Less", magnitude, t);
    } else if (ops.opset() >= 12) {
      mask = ops.op("LessOrEqual", magnitude, t);
    } else {
      // Not greater is true of NaN too, which must stay: NaN is not below infinity.
      String infinity = ops.scalar(FloatKind.of(type).compareType(), Double.POSITIVE_INFINITY);
      String notGreater = ops.op("Not", ops.op("Greater", magnitude, t));
      mask = ops.op("And", notGreater, ops.op("Less", magnitude, infinity));
    }
    select(ops, mask, wide, output, type);
  }

  /** The default of a dynamic threshold: float64 for float64 tensors, else float32. */
  public static TensorProto threshold(String name, ElementType type, double t) {
    FloatKind kind = FloatKind.of(type);
    return Ops.scalarTensor(kind.compareType(), kind.round(t)).toBuilder().setName(name).build();
  }

  private static String widened(Ops ops, String x, ElementType type) {
    ElementType wide = FloatKind.of(type).compareType();
    return wide == type ? x : ops.cast(x, wide);
  }

  private static void select(Ops ops, String mask, String x, String output, ElementType type) {
    ElementType wide = FloatKind.of(type).compareType();
    String zero = wide == type ? output : ops.names().take(output + "/wide");
    if (ops.opset() >= 9) {
      ops.opTo(zero, "Where", mask, ops.scalar(wide, 0), x);
    } else {
      ops.opTo(zero, "Mul", x, ops.cast(ops.op("Not", mask), wide));
    }
    if (wide != type) {
      ops.castTo(output, zero, type);
    }
  }
}
