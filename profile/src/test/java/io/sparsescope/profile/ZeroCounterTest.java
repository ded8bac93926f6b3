package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZeroCounterTest {

  @Test
  void countsEveryFloat16AsItsValueSays() {
    for (int bits = 0; bits < 0x10000; bits++) {
      // Independent of the counter: the sign, exponent and fraction of IEEE 754's binary16.
      int exponent = (bits >> 10) & 31;
      int fraction = bits & 1023;
      boolean zero = exponent == 0 && fraction == 0;
      boolean nan = exponent == 31 && fraction != 0;
      assertThat(ZeroCounter.FLOAT16.count(shorts(bits)))
          .isEqualTo(new Counts(1, zero ? 1 : 0, nan ? 1 : 0));
      assertThat(ZeroCounter.FLOAT16.count(shorts(0x3c00, bits)))
          .isEqualTo(new Counts(2, zero ? 1 : 0, nan ? 1 : 0));
      assertThat(ZeroCounter.FLOAT16.count(shorts(bits, 0x3c00, 0x3c00)))
          .isEqualTo(new Counts(3, zero ? 1 : 0, nan ? 1 : 0));
    }
  }

  @Test
  void countsEveryBfloat16AsTheFloat32ItIsTheUpperHalfOf() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float value = Float.intBitsToFloat(bits << 16);
      Counts expected = new Counts(2, value == 0 ? 1 : 0, Float.isNaN(value) ? 1 : 0);
      assertThat(ZeroCounter.BFLOAT16.count(shorts(bits, 0x3f80))).isEqualTo(expected);
      assertThat(ZeroCounter.BFLOAT16.count(shorts(0x3f80, bits))).isEqualTo(expected);
    }
  }

  @Test
  void countsAllFloat16ValuesAtOnce() {
    ByteBuffer all = ByteBuffer.allocateDirect(2 * 0x10000).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 0x10000; bits++) {
      all.putShort((short) bits);
    }
    all.flip();
    // Two zeros; NaNs are all fractions but 0 under the largest exponent, of both signs.
    assertThat(ZeroCounter.FLOAT16.count(all)).isEqualTo(new Counts(65536, 2, 2 * 1023));
    assertThat(ZeroCounter.BFLOAT16.count(all)).isEqualTo(new Counts(65536, 2, 2 * 127));
    assertThat(ZeroCounter.INT16.count(all)).isEqualTo(new Counts(65536, 1, 0));
    assertThat(ZeroCounter.INT8.count(all)).isEqualTo(new Counts(131072, 512, 0));
  }

  @Test
  void countsEveryByteAgainstEveryZeroPoint() {
    for (int zeroPoint = -128; zeroPoint < 256; zeroPoint++) {
      for (int value = 0; value < 256; value++) {
        byte filler = (byte) (zeroPoint + 1);
        for (int place = 0; place < 5; place++) {
          byte[] bytes = {filler, filler, filler, filler, filler};
          bytes[place] = (byte) value;
          int zeros = (byte) value == (byte) zeroPoint ? 1 : 0;
          assertThat(ZeroCounter.INT8.count(ByteBuffer.wrap(bytes), zeroPoint).zeros())
              .isEqualTo(zeros);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        1f,
        -1f,
        Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
      })
  void countsSpecialFloats(float value) {
    ByteBuffer buffer = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
    assertThat(ZeroCounter.FLOAT32.count(buffer))
        .isEqualTo(new Counts(1, value == 0 ? 1 : 0, Float.isNaN(value) ? 1 : 0));
    ByteBuffer wide = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, value);
    assertThat(ZeroCounter.FLOAT64.count(wide))
        .isEqualTo(new Counts(1, value == 0 ? 1 : 0, Float.isNaN(value) ? 1 : 0));
  }

  @Test
  void countsNansOfEveryPayloadAndSmallestDenormals() {
    assertThat(ZeroCounter.FLOAT32.count(ints(0x7f800001, 0xff800001, 0x7fffffff, -1, 1, 1 << 31)))
        .isEqualTo(new Counts(6, 1, 4));
    assertThat(
            ZeroCounter.FLOAT64.count(
                longs(
                    0x7ff0000000000001L,
                    0xfff0000000000001L,
                    -1,
                    Long.MAX_VALUE,
                    1,
                    Long.MIN_VALUE,
                    Double.doubleToRawLongBits(Double.MIN_VALUE))))
        .isEqualTo(new Counts(7, 1, 4));
  }

  @Test
  void countsIntegersAgainstTheirZeroPoint() {
    assertThat(ZeroCounter.INT16.count(shorts(65535, 0, 65535), 65535).zeros()).isEqualTo(2);
    assertThat(ZeroCounter.INT16.count(shorts(65535, 0, 65535), -1).zeros()).isEqualTo(2);
    assertThat(ZeroCounter.INT32.count(ints(7, 0, -7, 7, Integer.MIN_VALUE), 7).zeros())
        .isEqualTo(2);
    assertThat(ZeroCounter.INT32.count(ints(-1, 1), 0xffff_ffffL).zeros()).isEqualTo(1);
    assertThat(ZeroCounter.INT32.count(ints(Integer.MIN_VALUE, 0, 1)).zeros()).isEqualTo(1);
    assertThat(ZeroCounter.INT64.count(longs(Long.MIN_VALUE, 0, 1L << 32)).zeros()).isEqualTo(1);
    assertThat(ZeroCounter.INT64.count(longs(Long.MIN_VALUE, 0), Long.MIN_VALUE).zeros())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(ZeroCounter.class)
  void addsUpMoreRowsThanItsFieldsHold(ZeroCounter counter) {
    // Rows of two lanes of 32 bits: 70,000 rows overflow fields of 16 bits, and of 8 bits.
    int bytes = 70_000 * 8;
    ByteBuffer ones = ByteBuffer.allocateDirect(bytes);
    for (int i = 0; i < bytes; i++) {
      ones.put(i, (byte) 1);
    }
    long elements = bytes / counter.bytes();
    assertThat(counter.count(ones, 0, 2)).isEqualTo(new Counts(elements, 0, 0));
    assertThat(counter.count(ones)).isEqualTo(new Counts(elements, 0, 0));
    for (int i = 0; i < bytes; i++) {
      ones.put(i, (byte) -1);
    }
    boolean isFloat = counter.name().contains("FLOAT");
    assertThat(counter.count(ones, 0, 2))
        .isEqualTo(new Counts(elements, 0, isFloat ? elements : 0));
    assertThat(counter.count(ones)).isEqualTo(new Counts(elements, 0, isFloat ? elements : 0));
  }

  @ParameterizedTest
  @EnumSource(ZeroCounter.class)
  void countsAllLengthsAroundARow(ZeroCounter counter) {
    int row = Scratch.LENGTH * 4 / counter.bytes();
    for (int base : new int[] {0, row, 2 * row, 255 * row}) {
      for (int length = Math.max(0, base - 5); length <= base + 5; length++) {
        ByteBuffer zeros = ByteBuffer.allocate(length * counter.bytes());
        assertThat(counter.count(zeros)).isEqualTo(new Counts(length, length, 0));
        if (length > 0) {
          zeros.put(zeros.limit() - counter.bytes(), (byte) 1);
          assertThat(counter.count(zeros)).isEqualTo(new Counts(length, length - 1, 0));
        }
      }
    }
  }

  @Test
  void leavesTheBufferAsItWas() {
    ByteBuffer buffer = ByteBuffer.allocate(64).order(ByteOrder.BIG_ENDIAN);
    buffer.position(3).limit(43);
    assertThat(ZeroCounter.FLOAT32.count(buffer.asReadOnlyBuffer()))
        .isEqualTo(new Counts(10, 10, 0));
    ZeroCounter.FLOAT32.count(buffer);
    assertThat(buffer.position()).isEqualTo(3);
    assertThat(buffer.limit()).isEqualTo(43);
    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void refusesPartsOfElementsAndForeignZeroPoints() {
    assertThatThrownBy(() -> ZeroCounter.FLOAT32.count(ByteBuffer.allocate(7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("7 bytes are no whole number of elements of 4 bytes");
    assertThatThrownBy(() -> ZeroCounter.FLOAT16.count(ByteBuffer.allocate(2), 1))
        .hasMessage("1 cannot be the zero point of float16");
    assertThatThrownBy(() -> ZeroCounter.INT8.count(ByteBuffer.allocate(2), 256))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void knowsWhatItCannotCount() {
    for (String type :
        new String[] {
          "float32",
          "float64",
          "float16",
          "bfloat16",
          "int8",
          "uint8",
          "bool",
          "int16",
          "uint16",
          "int32",
          "uint32",
          "int64",
          "uint64"
        }) {
      assertThat(ZeroCounter.canCount(type)).as(type).isTrue();
    }
    for (String type :
        new String[] {
          "int4", "uint4", "int2", "float4e2m1", "float8e4m3fn", "string", "complex64", "undefined"
        }) {
      assertThat(ZeroCounter.canCount(type)).as(type).isFalse();
      assertThatThrownBy(() -> ZeroCounter.of(type))
          .hasMessage("elements of type " + type + " cannot be counted");
    }
  }

  @Test
  void countsOnManyThreadsAtOnce() throws Exception {
    ByteBuffer data = ByteBuffer.allocateDirect(1_000_000).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    long zeros = 0;
    for (int i = 0; i < 250_000; i++) {
      boolean zero = random.nextBoolean();
      zeros += zero ? 1 : 0;
      data.putFloat(4 * i, zero ? 0 : 1);
    }
    Counts expected = new Counts(250_000, zeros, 0);
    var threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Boolean> count =
          () -> {
            for (int i = 0; i < 200; i++) {
              if (!ZeroCounter.FLOAT32.count(data).equals(expected)) {
                return false;
              }
            }
            return true;
          };
      for (var result : threads.invokeAll(java.util.Collections.nCopies(8, count))) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
  }

  private static ByteBuffer shorts(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putShort((short) value);
    }
    return buffer.flip();
  }

  private static ByteBuffer ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putInt(value);
    }
    return buffer.flip();
  }

  private static ByteBuffer longs(long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      buffer.putLong(value);
    }
    return buffer.flip();
  }
}
