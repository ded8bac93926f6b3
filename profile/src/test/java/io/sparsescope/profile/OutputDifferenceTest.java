package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputDifferenceTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  @Test
  void measuresWhatWasComputedByHand() {
    // Rows: largest at 1 and 1, at 2 and 0. Differences 0, 0.5, 0, 2, 0, -4.
    OutputDifference difference =
        OutputDifference.between(
            List.of(floats(List.of(2L, 3L), 1, 4, 2, 0, 3, 5)),
            List.of(floats(List.of(2L, 3L), 1, 4.5f, 2, 2, 3, 1)));
    // 1 + 18 + 4 + 0 + 9 + 5 = 37; 1 + 16 + 4 + 0 + 9 + 25 = 55; 1 + 20.25 + 4 + 4 + 9 + 1 = 39.25
    double cosine = 37 / Math.sqrt(55 * 39.25);
    assertThat(difference.maxAbs()).isEqualTo(4);
    assertThat(difference.minCosine()).isCloseTo(cosine, within(1e-15));
    assertThat(difference.meanCosine()).isEqualTo(difference.minCosine());
    assertThat(difference.runs()).isEqualTo(1);
    assertThat(difference.rows()).isEqualTo(2);
    // 4 and 4.5 at index 1; 5 at index 2 and 3 at index 1.
    assertThat(difference.agreeing()).isEqualTo(1);
    assertThat(difference.top1Agreement()).isEqualTo(0.5);
  }

  @Test
  void takesAllFloatOutputsTogetherAndNoOthers() {
    OutputValue ids = new OutputValue("int64", List.of(1L), ByteBuffer.allocate(8));
    OutputDifference difference =
        OutputDifference.between(
            List.of(floats(List.of(1L), 3), ids, floats(List.of(1L, 1L, 2L), 0, 4)),
            List.of(floats(List.of(1L), 4), ids, floats(List.of(1L, 1L, 2L), 0, 3)));
    // (3, 0, 4) and (4, 0, 3); no output is [rows, classes].
    assertThat(difference).isEqualTo(new OutputDifference(1, 1, 0.96, 0.96, 0, 0));
    assertThat(difference.top1Agreement()).isNull();
    assertThat(OutputDifference.between(List.of(ids), List.of(ids)))
        .isEqualTo(OutputDifference.NONE);
  }

  @Test
  void findsNoDifferenceInEqualOutputs() {
    float[] values = new float[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i) * 1e-30f;
    }
    OutputValue output = floats(List.of(3L, 100L), values);
    assertThat(OutputDifference.between(List.of(output), List.of(output)))
        .isEqualTo(new OutputDifference(1, 0, 1, 1, 3, 3));
  }

  @Test
  void knowsZeroVectors() {
    List<Long> shape = List.of(3L);
    assertThat(compare(floats(shape, 0, 0, 0), floats(shape, 0, -0f, 0)))
        .isEqualTo(new OutputDifference(1, 0, 1, 1, 0, 0));
    assertThat(compare(floats(shape, 0, 0, 0), floats(shape, 0, 1, 0)))
        .isEqualTo(new OutputDifference(1, 1, 0, 0, 0, 0));
    assertThat(compare(floats(shape, 0, 2, 0), floats(shape, 0, -2, 0)))
        .isEqualTo(new OutputDifference(1, 4, -1, -1, 0, 0));
    assertThat(compare(floats(List.of(0L, 5L)), floats(List.of(0L, 5L))))
        .isEqualTo(new OutputDifference(1, 0, 1, 1, 0, 0));
  }

  @Test
  void takesTheFirstOfEquallyLargeElements() {
    List<Long> shape = List.of(4L, 2L);
    // Ties: first and first; first and second; zeros of both signs; one class is no choice.
    assertThat(
            compare(
                    floats(shape, 1, 1, 1, 1, 0, -0f, 1, 2),
                    floats(shape, 3, 3, 1, 2, -0f, 0, -2, -1))
                .agreeing())
        .isEqualTo(3);
    OutputDifference one = compare(floats(List.of(2L, 1L), 1, 2), floats(List.of(2L, 1L), 1, 2));
    assertThat(one.rows()).isZero();
  }

  @Test
  void treatsNanAsNoElementLikeOthers() {
    List<Long> shape = List.of(1L, 3L);
    // In both alike: left out of the rest.
    assertThat(compare(floats(shape, NAN, 3, 4), floats(shape, NAN, 4, 3)))
        .isEqualTo(new OutputDifference(1, 1, 0.96, 0.96, 1, 1));
    assertThat(compare(floats(shape, 1, NAN, 4), floats(shape, 1, 9, 4)))
        .isEqualTo(new OutputDifference(1, INF, 0, 0, 1, 0));
    assertThat(compare(floats(shape, 1, 9, 4), floats(shape, 1, NAN, 4)).agreeing()).isZero();
    assertThat(compare(floats(shape, NAN, NAN, 4), floats(shape, 1, NAN, 4)).agreeing()).isZero();
  }

  @Test
  void treatsInfinitiesAsElementsWithoutAngle() {
    List<Long> shape = List.of(1L, 3L);
    assertThat(compare(floats(shape, INF, 3, 4), floats(shape, INF, 4, 3)))
        .isEqualTo(new OutputDifference(1, 1, 0.96, 0.96, 1, 1));
    assertThat(compare(floats(shape, INF, 3, 4), floats(shape, -INF, 3, 4)))
        .isEqualTo(new OutputDifference(1, INF, 0, 0, 1, 0));
    assertThat(compare(floats(shape, INF, 3, 4), floats(shape, 7, 3, 4)))
        .isEqualTo(new OutputDifference(1, INF, 0, 0, 1, 1));
  }

  @Test
  void isApartWhereShapeOrTypeDiffer() {
    OutputValue two = floats(List.of(2L, 2L), 1, 2, 3, 4);
    OutputDifference apart = new OutputDifference(1, Double.POSITIVE_INFINITY, 0, 0, 2, 0);
    assertThat(compare(two, floats(List.of(1L, 2L), 1, 2))).isEqualTo(apart);
    assertThat(compare(two, floats(List.of(4L), 1, 2, 3, 4))).isEqualTo(apart);
    assertThat(compare(two, new OutputValue("float16", List.of(2L, 2L), ByteBuffer.allocate(8))))
        .isEqualTo(apart);
  }

  @Test
  void doesNotOverflow() {
    double large = 1e300;
    assertThat(
            compare(
                doubles(List.of(2L), 3 * large, 4 * large),
                doubles(List.of(2L), 4 / large, 3 / large)))
        .isEqualTo(new OutputDifference(1, 4 * large, 0.96, 0.96, 0, 0));
  }

  @Test
  void readsAllFloatTypesAndLeavesTheBuffersAlone() {
    // 1, -2, the smallest denormal, 65504, infinity, NaN.
    OutputValue half = shorts("float16", 0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00);
    assertThat(FloatReader.read(half))
        .containsExactly(1, -2, 0x1p-24, 65504, Double.POSITIVE_INFINITY, Double.NaN);
    assertThat(FloatReader.read(shorts("float16", 0x8000, 0xfc00, 0x3555)))
        .containsExactly(-0.0, Double.NEGATIVE_INFINITY, 0x1.554p-2);
    assertThat(FloatReader.read(shorts("bfloat16", 0x3f80, 0xc000, 0x7fc0, 0x4049)))
        .containsExactly(1, -2, Double.NaN, 3.140625);
    ByteBuffer bytes = ByteBuffer.allocateDirect(24).order(ByteOrder.BIG_ENDIAN);
    bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).putDouble(8, 0.1).putDouble(16, -7);
    bytes.position(8);
    assertThat(FloatReader.read(new OutputValue("float64", List.of(2L), bytes)))
        .containsExactly(0.1, -7);
    assertThat(bytes.position()).isEqualTo(8);
    assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    OutputValue one = floats(List.of(1L), 1);
    assertThatThrownBy(() -> OutputDifference.between(List.of(one), List.of(one, one)))
        .hasMessage("1 outputs to be compared with 2");
    OutputValue wrong = floats(List.of(3L), 1, 2);
    assertThatThrownBy(() -> compare(wrong, wrong))
        .hasMessage("8 bytes are no float32 of shape [3]");
  }

  private static OutputDifference compare(OutputValue untouched, OutputValue arm) {
    return OutputDifference.between(List.of(untouched), List.of(arm));
  }

  private static OutputValue floats(List<Long> shape, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new OutputValue("float32", shape, bytes);
  }

  private static OutputValue doubles(List<Long> shape, double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return new OutputValue("float64", shape, bytes);
  }

  private static OutputValue shorts(String type, int... bits) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int b : bits) {
      bytes.putShort((short) b);
    }
    return new OutputValue(type, List.of((long) bits.length), bytes.flip());
  }
}
