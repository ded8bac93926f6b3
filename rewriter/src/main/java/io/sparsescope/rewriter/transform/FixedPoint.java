package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * Fixed point of {@code bits} bits, {@code fraction} of them behind the point (TensorQuant's {@code
 * nearest}, {@code zero}, {@code down} and {@code stochastic}): x 2^p is rounded to an integer and
 * scaled back, between -2^(s-p-1) and (2^(s-1)-1) / 2^p, of which what the tensor's type cannot
 * hold is rounded towards zero.
 *
 * <p>All of it is exact. The bounds are multiples of 2^-p, so that x is cut to them first and its
 * product with 2^p neither overflows nor underflows; what lies behind the point is found by a
 * subtraction that float arithmetic does without error. (Adding a half and rounding down is not:
 * the largest float below 0.5 would become 1.) ONNX's Round takes ties to the even number, so it is
 * not used. Infinities become the bounds. Zeros have the sign of x, as in C.
 */
record FixedPoint(Rounding rounding, int bits, int fraction, long seed) implements Transform {
  /** The opset that has Range. */
  static final int RANGE_OPSET = 11;

  /** Where what lies between two numbers goes. */
  enum Rounding {
    /** To the nearest, from the middle away from zero. */
    NEAREST,
    /** Towards zero. */
    ZERO,
    /** To the smaller number. */
    DOWN,
    /** To the larger number with the probability of the distance to the smaller, else to that. */
    STOCHASTIC;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static FixedPoint parse(Rounding rounding, Arguments arguments) {
    boolean seeded = rounding == Rounding.STOCHASTIC;
    arguments.requireCount(2, seeded ? 3 : 2);
    int bits = (int) arguments.integer(0, "s", 1, 64);
    int fraction = (int) arguments.integer(1, "p", 0, 64);
    long seed =
        arguments.count() > 2 ? arguments.integer(2, "SEED", Long.MIN_VALUE, Long.MAX_VALUE) : 0;
    return new FixedPoint(rounding, bits, fraction, seed);
  }

  @Override
  public String spec() {
    String text = rounding.label() + "," + bits + "," + fraction;
    return seed == 0 ? text : text + "," + seed;
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    int needed = rounding == Rounding.STOCHASTIC ? RANGE_OPSET : WHERE_OPSET;
    return opset < needed ? tooOld(opset, needed) : "";
  }

  @Override
  public String emit(NodeMaker n, String x) {
    String high = n.scalar(high(n.target()));
    String low = n.scalar(low(n.target()));
    String cut = n.select(n.op("Less", high, x), high, x);
    cut = n.select(n.op("Less", cut, low), low, cut);
    String scaled = n.op("Mul", cut, n.scalar(Math.scalb(1.0, fraction)));
    return n.op("Mul", rounded(n, scaled), n.scalar(Math.scalb(1.0, -fraction)));
  }

  private String rounded(NodeMaker n, String y) {
    if (rounding == Rounding.DOWN) {
      return n.op("Floor", y);
    }
    String towardsZero = n.select(n.op("Less", n.scalar(0), y), n.op("Floor", y), n.op("Ceil", y));
    if (rounding == Rounding.ZERO) {
      return towardsZero;
    }
    String distance = n.op("Abs", n.op("Sub", y, towardsZero));
    String further = n.op("Add", towardsZero, n.op("Sign", y));
    String isFurther =
        rounding == Rounding.NEAREST
            ? n.op("Less", n.scalar(belowHalf(n.type())), distance)
            : new Uniform(seed, n.target().name()).isBelow(n, distance);
    return n.select(isFurther, further, towardsZero);
  }

  /** More than this is half or more. */
  private static double belowHalf(ElementType type) {
    return type == ElementType.DOUBLE ? Math.nextDown(0.5) : Math.nextDown(0.5f);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    return Optional.of(
        rounding == Rounding.STOCHASTIC
            ? Baked.whole(values -> roundStochastically(values, target))
            : Baked.elements(elements(target)));
  }

  private DoubleUnaryOperator elements(Target target) {
    double high = high(target);
    double low = low(target);
    return x -> {
      double y = scaled(x, low, high);
      double towardsZero = y < 0 ? Math.ceil(y) : Math.floor(y);
      double r =
          switch (rounding) {
            case DOWN -> Math.floor(y);
            case NEAREST ->
                Math.abs(y - towardsZero) < 0.5 ? towardsZero : towardsZero + Math.signum(y);
            default -> towardsZero;
          };
      return Math.scalb(r, -fraction);
    };
  }

  private void roundStochastically(double[] values, Target target) {
    double high = high(target);
    double low = low(target);
    double[] distances = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double y = scaled(values[i], low, high);
      distances[i] = Math.abs(y - (y < 0 ? Math.ceil(y) : Math.floor(y)));
    }
    boolean[] further = new Uniform(seed, target.name()).areBelow(distances);
    for (int i = 0; i < values.length; i++) {
      double y = scaled(values[i], low, high);
      double towardsZero = y < 0 ? Math.ceil(y) : Math.floor(y);
      values[i] = Math.scalb(further[i] ? towardsZero + Math.signum(y) : towardsZero, -fraction);
    }
  }

  private double scaled(double x, double low, double high) {
    return Math.scalb(Double.isNaN(x) ? x : Math.max(low, Math.min(high, x)), fraction);
  }

  /** Above 53 bits the bound itself is no float64; it is rounded towards zero, too. */
  private double high(Target target) {
    double steps =
        bits - 1 <= 53 ? Math.scalb(1.0, bits - 1) - 1 : Math.nextDown(Math.scalb(1.0, bits - 1));
    return target.kind().floor(Math.scalb(steps, -fraction));
  }

  private double low(Target target) {
    return -target.kind().floor(Math.scalb(1.0, bits - 1 - fraction));
  }
}
