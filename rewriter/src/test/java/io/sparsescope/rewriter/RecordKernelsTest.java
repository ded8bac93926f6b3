package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels that look at a whole record (or at a group of elements), on ONNX Runtime against scalar
 * definitions: over all float16 values and a million random float32 bit patterns, NaN, infinities,
 * zeros of both signs and many equal magnitudes included.
 */
class RecordKernelsTest {
  private static final int LENGTH = 1000;
  private static final int RECORDS = 1100;
  private static final float[] VALUES = values();

  /** A hundred records each of few different values, of normal ones, and others of any bits. */
  private static float[] values() {
    float[] values = Arrays.copyOf(KernelsTest.SINGLES, LENGTH * RECORDS);
    Random random = new Random(2);
    for (int i = KernelsTest.SINGLES.length; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    for (int i = 0; i < 100 * LENGTH; i++) {
      values[100 * LENGTH + i] = (random.nextInt(9) - 4) / 4f * (random.nextBoolean() ? 1 : -1);
      values[300 * LENGTH + i] = (float) random.nextGaussian();
      // Of any exponent, but finite.
      int bits = random.nextInt();
      values[500 * LENGTH + i] = Float.intBitsToFloat((bits & 0x7f800000) > 0x7e000000 ? 0 : bits);
    }
    return values;
  }

  static Stream<Arguments> kernels() {
    return Stream.of(
        kernel("topk,1", record -> largest(record, 1)),
        kernel("topk,100", record -> largest(record, 100)),
        kernel("topk,5000", record -> largest(record, 5000)),
        kernel("topk,0.1", record -> largest(record, (record.length + 5) / 10)),
        kernel("topk,0.0001", record -> largest(record, 1)),
        kernel("nm,2,4,1", record -> groups(record, 2, 4)),
        kernel("nm,1,3,-1", record -> groups(record, 1, 3)),
        kernel("nm,8,8,1", record -> groups(record, 8, 8)),
        kernel("ternary,2", record -> ternary(record, 2)),
        kernel("ternary,0.1", record -> ternary(record, 0.1f)),
        kernel("stochastic,16,8", record -> stochastic(record, 16, 8, 0)),
        kernel("stochastic,8,0,7", record -> stochastic(record, 8, 0, 7)),
        kernel("stochastic,12,14,-3", record -> stochastic(record, 12, 14, -3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kernels")
  void doesToFloat32WhatTheDefinitionSays(String spec, UnaryOperator<float[]> definition) {
    Tensor x = Tensor.floats(VALUES, RECORDS, LENGTH);
    float[] y = run(spec, 13, x).floats();
    for (int r = 0; r < RECORDS; r++) {
      float[] record = Arrays.copyOfRange(VALUES, r * LENGTH, (r + 1) * LENGTH);
      assertSame(spec, record, Arrays.copyOfRange(y, r * LENGTH, (r + 1) * LENGTH), definition);
    }
  }

  static Stream<Arguments> opsets() {
    return Stream.of(11, 13, 14, 18, 20, 22)
        .flatMap(o -> kernels().map(a -> Arguments.of(a.get()[0], a.get()[1], o)));
  }

  /** Neighbouring float16 values in one record, and some of each sign and size in the others. */
  @ParameterizedTest(name = "{0} opset {2}")
  @MethodSource("opsets")
  void doesToAllFloat16ValuesWhatTheDefinitionSaysInEveryOpset(
      String spec, UnaryOperator<float[]> definition, int opset) {
    int records = 128;
    int length = 65536 / records;
    short[] bits = new short[65536];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) (i < 32768 ? i : i % records * length + i / records);
    }
    for (int i = 32768; i < 65536; i++) {
      bits[i] = (short) (32768 + (i * 12289 & 32767));
    }
    Tensor all = Tensor.shorts(ElementType.FLOAT16, bits, records, length);
    ByteBuffer y = run(spec, opset, all).values();
    for (int r = 0; r < records; r++) {
      float[] record = new float[length];
      float[] actual = new float[length];
      for (int i = 0; i < length; i++) {
        record[i] = KernelsTest.half(bits[r * length + i] & 0xffff);
        actual[i] = KernelsTest.half(y.getShort(2 * (r * length + i)) & 0xffff);
      }
      UnaryOperator<float[]> inHalves =
          v -> {
            float[] defined = definition.apply(v);
            for (int i = 0; i < defined.length; i++) {
              defined[i] = Float.isNaN(defined[i]) ? Float.NaN : inHalf(spec, defined[i]);
            }
            return defined;
          };
      assertSame(spec, record, actual, inHalves);
    }
  }

  /** Fixed point's bounds are rounded towards zero, parameters to the nearest float16. */
  private static float inHalf(String spec, float x) {
    return spec.startsWith("stochastic")
        ? KernelsTest.halfTowardsZero(x)
        : KernelsTest.nearestHalf(x);
  }

  private static Tensor run(String spec, int opset, Tensor x) {
    ModelBuilder model =
        ModelBuilder.model(opset)
            .input("x", x.type(), -1, -1)
            .node("Identity", List.of("x"), List.of("y"), "n")
            .output("y", x.type(), -1, -1);
    Rule rule = Rule.of("n", spec, false, false, false, false);
    Rules rules = new Rules(List.of(), List.of(rule), List.of(), Map.of());
    Rewrite rewrite = new Rewriter(rules, false, true).plan(model.toModel("m"));
    assertThat(rewrite.skipped()).isEmpty();
    return Ort.run(rewrite.edit().toBytes(), Map.of("x", x), OptLevel.ALL_OPT).get("y");
  }

  private static void assertSame(
      String spec, float[] x, float[] y, UnaryOperator<float[]> definition) {
    float[] expected = definition.apply(x.clone());
    for (int i = 0; i < x.length; i++) {
      if (Float.compare(expected[i], y[i]) != 0) {
        assertThat(y[i]).as("%s of %s at %s", spec, x[i], i).isEqualTo(expected[i]);
      }
    }
  }

  private static Arguments kernel(String spec, UnaryOperator<float[]> definition) {
    return Arguments.of(spec, definition);
  }

  /** Magnitudes ordered as the integers that their bits are; the earlier of equal ones first. */
  private static float[] largest(float[] record, int k) {
    long[] keys = new long[record.length];
    for (int i = 0; i < keys.length; i++) {
      int magnitude = Math.min(0x7f800000, Float.floatToRawIntBits(record[i]) & 0x7fffffff);
      keys[i] = (long) magnitude << 32 | keys.length - i;
    }
    long[] sorted = keys.clone();
    Arrays.sort(sorted);
    long least = sorted[Math.max(0, sorted.length - k)];
    for (int i = 0; i < keys.length; i++) {
      record[i] = keys[i] >= least || Float.isNaN(record[i]) ? record[i] : 0;
    }
    return record;
  }

  /** An element is kept if fewer than n of its group are larger, or as large and before it. */
  private static float[] groups(float[] record, int n, int m) {
    float[] result = new float[record.length];
    for (int i = 0; i < record.length; i++) {
      int ahead = 0;
      int first = i - i % m;
      for (int j = first; j < Math.min(first + m, record.length); j++) {
        float other = Float.isNaN(record[j]) ? Float.POSITIVE_INFINITY : Math.abs(record[j]);
        float own = Float.isNaN(record[i]) ? Float.POSITIVE_INFINITY : Math.abs(record[i]);
        ahead += other > own || (other == own && j < i) ? 1 : 0;
      }
      result[i] = ahead < n || Float.isNaN(record[i]) ? record[i] : 0;
    }
    return result;
  }

  /**
   * The mean as a fraction of integers: with the sum exact, |x| > 0.7 sum / n is decided without
   * rounding. None of the values is so near that float64's rounding would matter.
   */
  private static float[] ternary(float[] record, float m) {
    BigDecimal sum = BigDecimal.ZERO;
    boolean finite = true;
    for (float x : record) {
      finite &= Float.isFinite(x);
      sum = Float.isFinite(x) ? sum.add(new BigDecimal((double) Math.abs(x))) : sum;
    }
    BigDecimal limit = sum.multiply(new BigDecimal("0.7"));
    BigDecimal count = BigDecimal.valueOf(record.length);
    for (int i = 0; i < record.length; i++) {
      float x = record[i];
      if (!Float.isNaN(x)) {
        boolean large =
            finite && new BigDecimal((double) Math.abs(x)).multiply(count).compareTo(limit) > 0;
        record[i] = large ? (x < 0 ? -m : m) : 0;
      }
    }
    return record;
  }

  /** As Uniform's Javadoc says: numbers from seed, the tensor's name, checksum and place. */
  private static float[] stochastic(float[] record, int s, int p, long seed) {
    double scale = Math.pow(2, p);
    double high = (Math.pow(2, s - 1) - 1) / scale;
    double low = -Math.pow(2, s - p - 1);
    long checksum = 0;
    for (float x : record) {
      if (!Float.isNaN(x)) {
        double scaled = Math.abs(Math.max(low, Math.min(high, x)) * scale);
        checksum += (long) Math.scalb(scaled - Math.floor(scaled), 30);
      }
    }
    long[] keys = keys(seed);
    for (int i = 0; i < record.length; i++) {
      double scaled = Math.max(low, Math.min(high, record[i])) * scale;
      double fraction = Math.abs(scaled) - Math.floor(Math.abs(scaled));
      double away = random(i, checksum, keys) < fraction ? 1 : 0;
      double magnitude = (Math.floor(Math.abs(scaled)) + away) / scale;
      record[i] = Float.isNaN(record[i]) ? record[i] : (float) Math.copySign(magnitude, scaled);
    }
    return record;
  }

  private static final long PRIME = 1_073_741_789;

  private static double random(long place, long checksum, long[] keys) {
    long state = place;
    for (int round = 0; round < keys.length; round++) {
      long added = state + keys[round] + (round == 1 ? checksum : 0);
      long base = Math.floorMod(added, PRIME);
      state = Math.floorMod(base * Math.floorMod(base * base, PRIME), PRIME);
    }
    return state / (double) PRIME;
  }

  /** SplitMix64's first five outputs, of the seed and the name's checksum. */
  private static long[] keys(long seed) {
    CRC32 crc = new CRC32();
    crc.update("y".getBytes(StandardCharsets.US_ASCII));
    long start = seed ^ (crc.getValue() << 32);
    long[] keys = new long[5];
    for (int i = 0; i < keys.length; i++) {
      long z = start + (i + 1) * 0x9e3779b97f4a7c15L;
      z ^= z >>> 30;
      z *= 0xbf58476d1ce4e5b9L;
      z ^= z >>> 27;
      z *= 0x94d049bb133111ebL;
      z ^= z >>> 31;
      keys[i] = Long.remainderUnsigned(z, PRIME);
    }
    return keys;
  }
}
