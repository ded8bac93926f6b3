package io.sparsescope.rewriter.transform;

import java.util.Optional;

/**
 * The power of two below (TensorQuant's {@code logarithmic}): sign(x) 2^floor(log2 |x|). Zeros,
 * infinities and NaN stay.
 *
 * <p>No logarithm is taken, whose rounding would go wrong beside powers of two. Five operations
 * that round as IEEE 754 says give the first bit of x exactly, with u the half of the type's
 * epsilon: q = (1/(2u) + 1) x, q - (q - u q) (Rump, Ogita, Oishi: <i>Accurate floating-point
 * summation</i>, part I, 2008, algorithm 3.6). Scaling before and after, by a power of two, keeps
 * it from overflow and from denormal numbers.
 */
record Logarithmic() implements Transform {
  @Override
  public String spec() {
    return "logarithmic";
  }

  @Override
  public String emit(NodeMaker n, String x) {
    boolean wide = n.target().kind() == FloatKind.FLOAT64;
    double u = wide ? 0x1p-53 : 0x1p-24;
    String up = n.scalar(wide ? 0x1p100 : 0x1p30);
    String down = n.scalar(wide ? 0x1p-100 : 0x1p-30);
    String magnitude = n.op("Abs", x);
    String small = n.op("Less", magnitude, n.scalar(1));
    String y = n.op("Mul", x, n.select(small, up, down));
    String q = n.op("Mul", y, n.scalar(0.5 / u + 1));
    // Not times 1 - u: of a float64 ONNX Runtime's optimizer takes that for 1.
    String shorter = n.op("Sub", q, n.op("Mul", q, n.scalar(u)));
    String first = n.op("Sub", q, shorter);
    String power = n.op("Mul", first, n.select(small, down, up));
    String finite = n.op("Less", magnitude, n.scalar(Double.POSITIVE_INFINITY));
    String positive = n.op("Less", n.scalar(0), magnitude);
    return n.select(n.op("And", finite, positive), power, x);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    return Optional.of(Baked.elements(Logarithmic::powerBelow));
  }

  private static double powerBelow(double x) {
    if (x == 0 || Double.isInfinite(x)) {
      return x;
    }
    long bits = Double.doubleToRawLongBits(x);
    boolean normal = Math.abs(x) >= Double.MIN_NORMAL;
    long mantissa = bits & (1L << 52) - 1;
    long first = normal ? 0 : Long.highestOneBit(mantissa);
    return Double.longBitsToDouble(bits - mantissa + first);
  }
}
