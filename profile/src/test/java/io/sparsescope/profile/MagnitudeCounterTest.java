package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.profile.MagnitudeCounter.Small;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MagnitudeCounterTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-3f,
    -1e-3f,
    Math.nextDown(1e-3f),
    -Math.nextDown(1e-3f),
    Math.nextUp(1e-3f),
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    Float.intBitsToFloat(0xffc00001),
    1f
  };

  @ParameterizedTest
  @ValueSource(
      floats = {0f, -0f, Float.MIN_VALUE, 1e-3f, 1f, Float.MAX_VALUE, Float.POSITIVE_INFINITY})
  void countsWhatComparisonsSay(float cut) {
    Random random = new Random(3);
    for (int length : new int[] {0, 1, 15, 4095, 4096, 4097, 10_000}) {
      ByteBuffer direct = ByteBuffer.allocateDirect(4 * length + 4).order(ByteOrder.LITTLE_ENDIAN);
      direct.position(4);
      long zeros = 0;
      long below = 0;
      for (int i = 0; i < length; i++) {
        float x =
            random.nextBoolean()
                ? SPECIAL[random.nextInt(SPECIAL.length)]
                : (float) (random.nextGaussian() * 1e-3);
        direct.putFloat(4 + 4 * i, x);
        zeros += x == 0 ? 1 : 0;
        below += Math.abs(x) < cut ? 1 : 0;
      }
      assertThat(MagnitudeCounter.count(direct, cut)).isEqualTo(new Small(zeros, below));
      assertThat(direct.position()).isEqualTo(4);
    }
  }

  @Test
  void sumsOfManyRowsDoNotOverflow() {
    int elements = 2 * 65_535 * 4 + 13;
    ByteBuffer zeros = ByteBuffer.allocate(4 * elements);
    assertThat(MagnitudeCounter.count(zeros, 1f, 4)).isEqualTo(new Small(elements, elements));
  }

  @Test
  void whatIsNoMagnitudeIsRefused() {
    assertThatThrownBy(() -> MagnitudeCounter.count(ByteBuffer.allocate(4), -1f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-1.0 is no magnitude");
    assertThatThrownBy(() -> MagnitudeCounter.count(ByteBuffer.allocate(4), Float.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MagnitudeCounter.count(ByteBuffer.allocate(3), 1f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 bytes are no whole number of float32 elements");
  }
}
