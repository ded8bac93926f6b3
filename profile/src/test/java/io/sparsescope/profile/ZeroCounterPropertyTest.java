package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** The counters against a loop that decodes each element on its own. */
class ZeroCounterPropertyTest {

  @Property(tries = 3000)
  void countsWhatANaiveLoopCounts(
      @ForAll ZeroCounter counter,
      @ForAll @IntRange(max = 40_000) int elements,
      @ForAll @IntRange(max = 9) int offset,
      @ForAll boolean direct,
      @ForAll @DoubleRange(max = 1) double sparsity,
      @ForAll long seed) {
    Random random = new Random(seed);
    long zeroPoint = counter.name().contains("FLOAT") ? 0 : random.nextInt(128);
    int size = offset + elements * counter.bytes() + 3;
    ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
    buffer.order(ByteOrder.LITTLE_ENDIAN).position(offset).limit(size - 3);
    fill(buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN), counter, zeroPoint, sparsity, random);
    assertThat(counter.count(buffer, zeroPoint)).isEqualTo(naive(counter, buffer, zeroPoint));
  }

  private static void fill(
      ByteBuffer to, ZeroCounter counter, long zeroPoint, double sparsity, Random random) {
    while (to.hasRemaining()) {
      boolean zero = random.nextDouble() < sparsity;
      // Random bits are as good as any float: NaNs, denormals and infinities among them.
      long bits = zero ? zeroPoint : random.nextLong() >> random.nextInt(64);
      switch (counter.bytes()) {
        case 1 -> to.put((byte) bits);
        case 2 -> to.putShort((short) bits);
        case 4 -> to.putInt((int) bits);
        default -> to.putLong(bits);
      }
    }
  }

  private static Counts naive(ZeroCounter counter, ByteBuffer values, long zeroPoint) {
    ByteBuffer in = values.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long elements = 0;
    long zeros = 0;
    long nan = 0;
    while (in.hasRemaining()) {
      elements++;
      double value =
          switch (counter) {
            case FLOAT32 -> in.getFloat();
            case FLOAT64 -> in.getDouble();
            case FLOAT16 -> float16(in.getShort());
            case BFLOAT16 -> Float.intBitsToFloat(in.getShort() << 16);
            case INT8 -> in.get() - (double) zeroPoint;
            case INT16 -> in.getShort() - (double) zeroPoint;
            case INT32 -> in.getInt() - (double) zeroPoint;
            case INT64 -> in.getLong() == zeroPoint ? 0 : 1;
          };
      zeros += value == 0 ? 1 : 0;
      nan += Double.isNaN(value) ? 1 : 0;
    }
    return new Counts(elements, zeros, nan);
  }

  private static double float16(short bits) {
    int exponent = (bits >> 10) & 31;
    int fraction = bits & 1023;
    double magnitude;
    if (exponent == 31) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb((double) fraction, -24);
    } else {
      magnitude = Math.scalb(1024.0 + fraction, exponent - 25);
    }
    return bits < 0 ? -magnitude : magnitude;
  }
}
