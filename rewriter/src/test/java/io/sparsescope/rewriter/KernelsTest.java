package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kernel on ONNX Runtime against a scalar definition, over all float16 values and a million
 * random float32 bit patterns. Infinities are among the float16 values, denormals of float32 among
 * the random ones.
 */
class KernelsTest {
  private static final float[] HALVES = new float[65536];
  static final float[] SINGLES = new float[65536 + 1_000_000 + 24];

  static {
    for (int i = 0; i < 65536; i++) {
      HALVES[i] = half(i);
    }
    System.arraycopy(HALVES, 0, SINGLES, 0, 65536);
    Random random = new Random(1);
    for (int i = 65536; i < SINGLES.length; i++) {
      SINGLES[i] = Float.intBitsToFloat(random.nextInt());
    }
    // What a million patterns may miss: ties, their neighbours, ends of the range.
    float[] chosen = {
      0.49999997f,
      0.5f,
      0.50000006f,
      1.5f,
      2.5f,
      8388607.5f,
      8388609,
      16777217,
      4194303.8f,
      Float.MAX_VALUE,
      Float.MIN_VALUE,
      Float.MIN_NORMAL
    };
    for (int i = 0; i < chosen.length; i++) {
      SINGLES[SINGLES.length - 1 - 2 * i] = chosen[i];
      SINGLES[SINGLES.length - 2 - 2 * i] = -chosen[i];
    }
  }

  /** Definitions, of float32 values in float64, where fixed point's arithmetic is exact. */
  static Stream<Arguments> kernels() {
    return Stream.of(
        kernel("nearest,16,8", fixed(16, 8, KernelsTest::halfAway)),
        kernel("nearest,8,0", fixed(8, 0, KernelsTest::halfAway)),
        kernel("nearest,8,10", fixed(8, 10, KernelsTest::halfAway)),
        kernel("nearest,24,0", fixed(24, 0, KernelsTest::halfAway)),
        kernel("nearest,25,20", fixed(25, 20, KernelsTest::halfAway)),
        kernel("nearest,1,3", fixed(1, 3, KernelsTest::halfAway)),
        kernel("zero,16,8", fixed(16, 8, y -> y < 0 ? Math.ceil(y) : Math.floor(y))),
        kernel("zero,6,2", fixed(6, 2, y -> y < 0 ? Math.ceil(y) : Math.floor(y))),
        kernel("down,16,8", fixed(16, 8, Math::floor)),
        kernel("down,5,0", fixed(5, 0, Math::floor)),
        kernel("logarithmic", KernelsTest::powerBelow),
        kernel("half", x -> (double) nearestHalf((float) x)),
        kernel("fp16", x -> (double) nearestHalf((float) x)),
        kernel("binary,0.5", x -> x >= 0 ? 0.5 : -0.5),
        kernel("binary,0.1", x -> x >= 0 ? 0.1f : -0.1f),
        kernel("ternary,2,0.25", x -> x > 0.25 ? 2 : x < -0.25 ? -2 : 0),
        kernel("ternary,0.5,0", x -> x > 0 ? 0.5 : x < 0 ? -0.5 : 0),
        kernel("none", x -> x),
        kernel("sparse,0.1", x -> Math.abs(x) < 0.1f ? 0 : x),
        kernel("sparse,0.1 le", x -> Math.abs(x) <= 0.1f ? 0 : x),
        kernel("sparse,0", x -> x));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kernels")
  void doesToFloat32WhatTheDefinitionSays(String spec, DoubleUnaryOperator definition) {
    Tensor x = Tensor.floats(SINGLES, SINGLES.length);
    float[] y = run(spec, 13, x, OptLevel.ALL_OPT).floats();
    assertSame(spec, SINGLES, y, definition);
  }

  static Stream<Arguments> opsets() {
    // Those in which one of the operators got a new version, and the ends.
    return Stream.of(9, 11, 13, 14, 16, 19, 20, 22)
        .flatMap(o -> kernels().map(a -> Arguments.of(a.get()[0], a.get()[1], o)));
  }

  /** Float16 models hold float16's values; float64 ones are given the same. */
  @ParameterizedTest(name = "{0} opset {2}")
  @MethodSource("opsets")
  void doesToOtherTypesWhatTheDefinitionSaysInEveryOpset(
      String spec, DoubleUnaryOperator definition, int opset) {
    float[] x32 = Arrays.copyOfRange(SINGLES, SINGLES.length - 4096, SINGLES.length);
    assertSame(
        spec,
        x32,
        run(spec, opset, Tensor.floats(x32, x32.length), OptLevel.BASIC_OPT).floats(),
        definition);
    double[] wide = new double[HALVES.length];
    Arrays.setAll(wide, i -> HALVES[i]);
    ByteBuffer out = run(spec, opset, Tensor.doubles(wide, wide.length), OptLevel.ALL_OPT).values();
    double[] y = new double[wide.length];
    out.asDoubleBuffer().get(y);
    for (int i = 0; i < y.length; i++) {
      // Parameters are rounded to the type: those written in decimals are others here.
      if (!spec.contains("0.1")) {
        double e = Double.isNaN(wide[i]) ? wide[i] : definition.applyAsDouble(wide[i]);
        assertThat(Double.compare(y[i], e)).as("%s of %s: %s", spec, wide[i], y[i]).isZero();
      }
    }
    short[] bits = new short[65536];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) i;
    }
    Tensor all = Tensor.shorts(ElementType.FLOAT16, bits, bits.length);
    ByteBuffer half = run(spec, opset, all, OptLevel.ALL_OPT).values();
    // Only fixed point's bounds are no halves; they are rounded towards zero.
    boolean fixed = spec.matches("(nearest|zero|down).*");
    for (int i = 0; i < bits.length && !spec.contains("0.1"); i++) {
      float x = HALVES[i];
      float actual = half(half.getShort(2 * i) & 0xffff);
      float defined = (float) definition.applyAsDouble(x);
      float expected = Float.isNaN(x) ? x : fixed ? halfTowardsZero(defined) : nearestHalf(defined);
      assertThat(Float.compare(actual, expected)).as("%s of %s: %s", spec, x, actual).isZero();
    }
  }

  private static Tensor run(String spec, int opset, Tensor x, OptLevel level) {
    ModelBuilder model =
        ModelBuilder.model(opset)
            .input("x", x.type(), -1)
            .node("Identity", List.of("x"), List.of("y"), "n")
            .output("y", x.type(), -1);
    String[] parts = spec.split(" ", -1);
    Rule rule = Rule.of("n", parts[0], parts.length > 1, false, false, false);
    Rules rules = new Rules(List.of(), List.of(rule), List.of(), Map.of());
    Rewrite rewrite = new Rewriter(rules, false, true).plan(model.toModel("m"));
    assertThat(rewrite.skipped()).isEmpty();
    return Ort.run(rewrite.edit().toBytes(), Map.of("x", x), level).get("y");
  }

  private static void assertSame(
      String spec, float[] x, float[] y, DoubleUnaryOperator definition) {
    int faults = 0;
    String first = "";
    for (int i = 0; i < x.length; i++) {
      float expected = Float.isNaN(x[i]) ? x[i] : (float) definition.applyAsDouble(x[i]);
      if (Float.compare(expected, y[i]) != 0 && faults++ == 0) {
        first = spec + " of " + x[i] + " is " + y[i] + ", not " + expected;
      }
    }
    assertThat(faults).as(first).isZero();
  }

  private static Arguments kernel(String spec, DoubleUnaryOperator definition) {
    return Arguments.of(spec, definition);
  }

  static DoubleUnaryOperator fixed(int s, int p, DoubleUnaryOperator rounding) {
    double scale = Math.pow(2, p);
    double high = (Math.pow(2, s - 1) - 1) / scale;
    double low = -Math.pow(2, s - p - 1);
    return x -> {
      double y = rounding.applyAsDouble(x * scale) / scale;
      return y > high ? high : y < low ? low : y;
    };
  }

  /** As C's round: float32 and a half is exact in float64. */
  private static double halfAway(double y) {
    double magnitude = Math.floor(Math.abs(y) + 0.5);
    return Math.copySign(magnitude, y);
  }

  private static double powerBelow(double x) {
    if (x == 0 || Double.isInfinite(x)) {
      return x;
    }
    double power = 0x1p-149;
    double magnitude = Math.abs(x);
    while (power * 2 <= magnitude) {
      power *= 2;
    }
    return x < 0 ? -power : power;
  }

  private static final TreeMap<Float, Integer> FINITE_HALVES = new TreeMap<>();

  static {
    for (int i = 0; i < 0x7c00; i++) {
      FINITE_HALVES.put(half(i), i);
    }
  }

  /** By looking at both neighbours. */
  static float nearestHalf(float x) {
    float magnitude = Math.abs(x);
    // Halfway from the largest half to the one that would follow.
    if (magnitude >= 65520) {
      return Math.copySign(Float.POSITIVE_INFINITY, x);
    }
    var below = FINITE_HALVES.floorEntry(magnitude);
    var above = FINITE_HALVES.ceilingEntry(magnitude);
    if (above == null) {
      return Math.copySign(below.getKey(), x);
    }
    double down = (double) magnitude - below.getKey();
    double up = (double) above.getKey() - magnitude;
    boolean even = below.getValue() % 2 == 0;
    float nearest = down < up || (down == up && even) ? below.getKey() : above.getKey();
    return Math.copySign(nearest, x);
  }

  static float halfTowardsZero(float x) {
    return Math.copySign(FINITE_HALVES.floorKey(Math.abs(x)), x);
  }

  static float half(int bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double magnitude;
    if (exponent == 31) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else {
      magnitude =
          exponent == 0
              ? fraction * Math.pow(2, -24)
              : (1024 + fraction) * Math.pow(2, exponent - 25);
    }
    return (float) (bits > 32767 ? -magnitude : magnitude);
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
