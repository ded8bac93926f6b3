package io.sparsescope.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.it.conformance.Value.Items;
import io.sparsescope.it.conformance.Value.Numbers;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.Counts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class DifferenceTest {

  @Test
  void isRelativeToTheLargestMagnitude() {
    assertThat(Difference.relative(floats(1, -4, 0), floats(1, -4, 0.001f)))
        .isBetween(0.00025 - 1e-9, 0.00025 + 1e-9);
    assertThat(Difference.relative(floats(1, 2), floats(1, 2))).isZero();
  }

  @Test
  void seesTheSignOfZeroAsEqualInSizeButNotInBits() {
    assertThat(floats(0f)).isNotEqualTo(floats(-0f));
    assertThat(Difference.relative(floats(0f), floats(-0f))).isZero();
  }

  @Test
  void isInfiniteWhereShapesTypesOrNonFiniteValuesDiffer() {
    Value doubles = Numbers.of(ElementType.DOUBLE, new long[] {1}, new byte[8]);

    assertThat(Difference.relative(floats(0), doubles)).isInfinite();
    assertThat(Difference.relative(floats(0), floats(0, 0))).isInfinite();
    assertThat(Difference.relative(floats(0), floats(Float.NaN))).isInfinite();
    assertThat(Difference.relative(floats(Float.NaN, 1), floats(Float.NaN, 1))).isZero();
  }

  @Test
  void looksIntoSequences() {
    Items one = new Items(List.of(floats(1), floats(2)));
    Items other = new Items(List.of(floats(1), floats(3)));

    assertThat(Difference.relative(one, one)).isZero();
    assertThat(Difference.relative(one, other)).isEqualTo(0.5);
    assertThat(Difference.within(one, other)).isFalse();
  }

  @Test
  void readsHalfPrecision() {
    short[] bits = {0x3c00, (short) 0xc000, 0x0001, 0x7bff, (short) 0x8000, 0x7e00, 0x7c00};
    ByteBuffer raw = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
    for (short half : bits) {
      raw.putShort(half);
    }
    Numbers halves = Numbers.of(ElementType.FLOAT16, new long[] {7}, raw.array());

    assertThat(new double[] {halves.get(0), halves.get(1), halves.get(2), halves.get(3)})
        .containsExactly(1, -2, 0x1p-24, 65504);
    assertThat(NaiveCount.of(halves, 0)).isEqualTo(new Counts(7, 1, 1));
  }

  @Test
  void countsAgainstTheZeroPoint() {
    byte[] bytes = {0, (byte) 200, (byte) 200, 1};

    assertThat(NaiveCount.of(Numbers.of(ElementType.UINT8, new long[] {4}, bytes), 200))
        .isEqualTo(new Counts(4, 2, 0));
    assertThat(NaiveCount.of(floats(0f, -0f, Float.NaN, Float.MIN_VALUE), 0))
        .isEqualTo(new Counts(4, 2, 1));
  }

  private static Numbers floats(float... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return Numbers.of(ElementType.FLOAT, new long[] {values.length}, raw.array());
  }
}
