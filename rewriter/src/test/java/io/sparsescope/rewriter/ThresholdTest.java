package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ThresholdTest {
  /** All 65536 values of a 16-bit type are few enough to try every one. */
  private static final short[] ALL_16_BITS = new short[65536];

  static {
    for (int i = 0; i < ALL_16_BITS.length; i++) {
      ALL_16_BITS[i] = (short) i;
    }
  }

  static Stream<Arguments> opsets() {
    return IntStream.rangeClosed(7, 22)
        .boxed()
        .flatMap(
            o ->
                Stream.of(false, true)
                    .flatMap(
                        le -> Stream.of(false, true).map(dynamic -> Arguments.of(o, le, dynamic))));
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void zeroesFloat32BelowTheThresholdOnly(int opset, boolean orEqual, boolean dynamic) {
    float t = 0.1f;
    float[] x = specials32(t);
    byte[] out = apply(opset, ElementType.FLOAT, Tensor.floats(x, x.length), t, orEqual, dynamic);
    float[] y = new Tensor(ElementType.FLOAT, null, java.nio.ByteBuffer.wrap(out)).floats();
    for (int i = 0; i < x.length; i++) {
      boolean zeroed = orEqual ? Math.abs(x[i]) <= t : Math.abs(x[i]) < t;
      assertSame(opset, zeroed ? 0 : x[i], y[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void zeroesFloat64BelowTheThresholdOnly(int opset, boolean orEqual, boolean dynamic) {
    double t = 0.1;
    double[] x = {
      t,
      -t,
      Math.nextDown(t),
      Math.nextUp(t),
      -Math.nextDown(t),
      0,
      -0.0,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.MIN_VALUE,
      -Double.MIN_VALUE,
      5,
      -7
    };
    byte[] out = apply(opset, ElementType.DOUBLE, Tensor.doubles(x, x.length), t, orEqual, dynamic);
    double[] y = new double[x.length];
    java.nio.ByteBuffer.wrap(out).order(java.nio.ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(y);
    for (int i = 0; i < x.length; i++) {
      boolean zeroed = orEqual ? Math.abs(x[i]) <= t : Math.abs(x[i]) < t;
      assertSame(opset, zeroed ? 0 : x[i], y[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void zeroesFloat16BelowTheThresholdOnly(int opset, boolean orEqual, boolean dynamic) {
    // The float16 next to 0.1.
    float t = (float) (1638.0 / 16384);
    byte[] out =
        apply(opset, ElementType.FLOAT16, all16(ElementType.FLOAT16), 0.1, orEqual, dynamic);
    assert16(out, opset, t, orEqual, ThresholdTest::float16);
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void zeroesBfloat16BelowTheThresholdOnly(int opset, boolean orEqual, boolean dynamic) {
    if (opset < 13) {
      return; // ONNX has bfloat16 from opset 13 on.
    }
    // The bfloat16 next to 0.1.
    float t = Float.intBitsToFloat(0x3dcd0000);
    byte[] out =
        apply(opset, ElementType.BFLOAT16, all16(ElementType.BFLOAT16), 0.1, orEqual, dynamic);
    assert16(out, opset, t, orEqual, b -> Float.intBitsToFloat(b << 16));
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void thresholdZeroChangesNoBit(int opset, boolean orEqual, boolean dynamic) {
    if (orEqual) {
      return;
    }
    float[] x = specials32(0.1f);
    Tensor in = Tensor.floats(x, x.length);
    assertThat(apply(opset, ElementType.FLOAT, in, 0, false, dynamic))
        .isEqualTo(in.values().array());
  }

  @Test
  void thresholdZeroOrEqualTurnsMinusZeroIntoZero() {
    Tensor in = Tensor.floats(new float[] {-0.0f, -Float.MIN_VALUE}, 2);
    byte[] out = apply(13, ElementType.FLOAT, in, 0, true, false);
    assertThat(out).isEqualTo(Tensor.floats(new float[] {0, -Float.MIN_VALUE}, 2).values().array());
  }

  @Test
  void thresholdBeyondTheTypeZeroesEveryFiniteElementButNoInfinity() {
    float[] x = {Float.MAX_VALUE, -1, Float.POSITIVE_INFINITY, Float.NaN};
    for (boolean orEqual : new boolean[] {false, true}) {
      byte[] out = apply(13, ElementType.FLOAT, Tensor.floats(x, 4), 1e300, orEqual, false);
      assertThat(out)
          .isEqualTo(
              Tensor.floats(new float[] {0, 0, Float.POSITIVE_INFINITY, Float.NaN}, 4)
                  .values()
                  .array());
    }
  }

  @Property(tries = 40)
  void agreesWithComparingInJava(
      @ForAll @DoubleRange(min = 0, max = 10) double t,
      @ForAll float[] values,
      @ForAll boolean le) {
    float limit = (float) t;
    byte[] out = apply(13, ElementType.FLOAT, Tensor.floats(values, values.length), t, le, false);
    float[] expected = values.clone();
    for (int i = 0; i < expected.length; i++) {
      float magnitude = Math.abs(values[i]);
      if (magnitude < limit || (le && magnitude == limit)) {
        expected[i] = 0;
      }
    }
    assertThat(out).isEqualTo(Tensor.floats(expected, expected.length).values().array());
  }

  @Test
  void dynamicThresholdIsAnInputWithADefault() {
    Rewrite rewrite = plan(13, ElementType.FLOAT, 0.5, false, true, 8);
    String input = rewrite.thresholds().get(0).input();
    assertThat(input).isEqualTo("sparsescope/threshold/y");
    byte[] model = rewrite.edit().toBytes();
    Map<String, Tensor> feed = new LinkedHashMap<>();
    feed.put("x", Tensor.floats(new float[] {0.25f, 0.5f, 2}, 3));
    assertThat(Ort.run(model, feed).get("y").floats()).containsExactly(0, 0.5f, 2);
    feed.put(input, Tensor.floats(new float[] {1}));
    assertThat(Ort.runOverriding(model, feed).get("y").floats()).containsExactly(0, 0, 2);
  }

  @Test
  void dynamicThresholdNeedsIrVersion4() {
    assertThatThrownBy(() -> plan(9, ElementType.FLOAT, 0.5, false, true, 3))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("model m, node n: a dynamic threshold needs ir_version 4");
  }

  @Test
  void constantThresholdWorksAtIrVersion3() {
    Rewrite rewrite = plan(7, ElementType.FLOAT, 0.5, false, false, 3);
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {0.25f, 0.5f, 2}, 3));
    assertThat(Ort.run(rewrite.edit().toBytes(), feed).get("y").floats())
        .containsExactly(0, 0.5f, 2);
  }

  private static byte[] apply(
      int opset, ElementType type, Tensor in, double t, boolean orEqual, boolean dynamic) {
    byte[] model = plan(opset, type, t, orEqual, dynamic, 8).edit().toBytes();
    return Ort.run(model, Map.of("x", in)).get("y").values().array();
  }

  private static Rewrite plan(
      int opset, ElementType type, double t, boolean orEqual, boolean dynamic, int ir) {
    ModelFile model =
        ModelBuilder.model(opset)
            .irVersion(ir)
            .input("x", type, -1)
            .node("Identity", List.of("x"), List.of("y"), "n")
            .output("y", type, -1)
            .toModel("m");
    ThresholdRule rule = new ThresholdRule("n", t, orEqual, dynamic, false);
    Rules rules = new Rules(List.of(), List.of(rule), List.of(), Map.of());
    return new Rewriter(rules, false, true).plan(model);
  }

  private static float[] specials32(float t) {
    return new float[] {
      t,
      -t,
      Math.nextDown(t),
      -Math.nextDown(t),
      Math.nextUp(t),
      -Math.nextUp(t),
      0,
      -0.0f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      0.05f,
      7,
      -9,
      Float.MAX_VALUE
    };
  }

  private static Tensor all16(ElementType type) {
    return Tensor.shorts(type, ALL_16_BITS, ALL_16_BITS.length);
  }

  private static void assert16(
      byte[] out,
      int opset,
      float t,
      boolean orEqual,
      java.util.function.IntToDoubleFunction value) {
    short[] y = new short[65536];
    java.nio.ByteBuffer.wrap(out).order(java.nio.ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(y);
    for (int bits = 0; bits < 65536; bits++) {
      double x = value.applyAsDouble(bits);
      double actual = value.applyAsDouble(y[bits] & 0xffff);
      boolean zeroed = orEqual ? Math.abs(x) <= t : Math.abs(x) < t;
      assertSame(opset, zeroed ? 0 : x, actual);
    }
  }

  /** Before opset 9 the sign of a new zero is its element's. */
  private static void assertSame(int opset, double expected, double actual) {
    if (opset < 9 && expected == 0) {
      assertThat(Math.abs(actual)).isEqualTo(0.0);
    } else if (Double.isNaN(expected)) {
      assertThat(actual).isNaN();
    } else {
      assertThat(Double.doubleToLongBits(actual)).isEqualTo(Double.doubleToLongBits(expected));
    }
  }

  /** Written from the format's definition: sign, 5 bits of exponent, 10 of fraction. */
  private static double float16(int bits) {
    int e = (bits >> 10) & 31;
    double f = (bits & 1023) / 1024.0;
    double m =
        e == 31
            ? (f == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : e == 0 ? f * Math.pow(2, -14) : (1 + f) * Math.pow(2, e - 15);
    return (bits & 0x8000) == 0 ? m : -m;
  }
}
