package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToLongFunction;

/**
 * How fast the counters are, next to a loop over the buffer's own elements. Both run alternately in
 * one process, since machines are shared; medians and quartiles of ratios are what counts.
 */
public final class ZeroCounterBenchmark {
  private static final int ROUNDS = 41;
  private static final int[] ELEMENTS = {1_000, 100_000, 4_000_000};

  private ZeroCounterBenchmark() {}

  public static void main(String[] args) {
    System.out.println("counter   elements   GB/s   naive GB/s   ratio (quartiles)");
    for (ZeroCounter counter : ZeroCounter.values()) {
      for (int elements : ELEMENTS) {
        measure(counter, elements);
      }
    }
  }

  private static void measure(ZeroCounter counter, int elements) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(elements * counter.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    for (int i = 0; i < data.capacity(); i += counter.bytes()) {
      if (random.nextBoolean()) {
        data.put(i + counter.bytes() - 1, (byte) 0x3f);
      }
    }
    ToLongFunction<ByteBuffer> fast = buffer -> counter.count(buffer).zeros();
    ToLongFunction<ByteBuffer> naive = naive(counter);
    if (fast.applyAsLong(data) != naive.applyAsLong(data)) {
      throw new AssertionError(counter + " counts wrong");
    }
    int repeats = Math.max(1, 8_000_000 / data.capacity());
    double[] fastSeconds = new double[ROUNDS];
    double[] ratios = new double[ROUNDS];
    double[] naiveSeconds = new double[ROUNDS];
    for (int round = -20; round < ROUNDS; round++) {
      double a = seconds(fast, data, repeats);
      double b = seconds(naive, data, repeats);
      if (round >= 0) {
        fastSeconds[round] = a;
        naiveSeconds[round] = b;
        ratios[round] = b / a;
      }
    }
    Arrays.sort(ratios);
    System.out.printf(
        Locale.ROOT,
        "%-9s %8d %6.2f %12.2f %7.2f (%.2f..%.2f)%n",
        counter,
        elements,
        data.capacity() / median(fastSeconds) / 1e9,
        data.capacity() / median(naiveSeconds) / 1e9,
        ratios[ROUNDS / 2],
        ratios[ROUNDS / 4],
        ratios[3 * ROUNDS / 4]);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static double seconds(ToLongFunction<ByteBuffer> count, ByteBuffer data, int repeats) {
    long start = System.nanoTime();
    long sum = 0;
    for (int i = 0; i < repeats; i++) {
      sum += count.applyAsLong(data);
    }
    long end = System.nanoTime();
    if (sum < 0) {
      throw new AssertionError();
    }
    return (end - start) / 1e9 / repeats;
  }

  private static ToLongFunction<ByteBuffer> naive(ZeroCounter counter) {
    return switch (counter) {
      case FLOAT32 ->
          buffer -> {
            var values = buffer.asFloatBuffer();
            int zeros = 0;
            for (int i = 0; i < values.limit(); i++) {
              zeros += values.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
      case FLOAT64 ->
          buffer -> {
            var values = buffer.asDoubleBuffer();
            int zeros = 0;
            for (int i = 0; i < values.limit(); i++) {
              zeros += values.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
      case FLOAT16, BFLOAT16, INT16 ->
          buffer -> {
            var values = buffer.asShortBuffer();
            int zeros = 0;
            for (int i = 0; i < values.limit(); i++) {
              zeros += values.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
      case INT8 ->
          buffer -> {
            int zeros = 0;
            for (int i = 0; i < buffer.limit(); i++) {
              zeros += buffer.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
      case INT32 ->
          buffer -> {
            var values = buffer.asIntBuffer();
            int zeros = 0;
            for (int i = 0; i < values.limit(); i++) {
              zeros += values.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
      case INT64 ->
          buffer -> {
            var values = buffer.asLongBuffer();
            int zeros = 0;
            for (int i = 0; i < values.limit(); i++) {
              zeros += values.get(i) == 0 ? 1 : 0;
            }
            return zeros;
          };
    };
  }
}
