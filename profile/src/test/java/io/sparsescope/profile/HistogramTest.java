package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HistogramTest {
  private static final int MANY = 300_001;

  @Test
  void stepsBeginAtEighthsOfPowersOfTwo() {
    assertThat(Histogram.lowest(0)).isEqualTo(1);
    assertThat(Histogram.lowest(4)).isEqualTo(1.5);
    assertThat(Histogram.lowest(8)).isEqualTo(2);
    assertThat(Histogram.lowest(-1)).isEqualTo(0.9375);
    assertThat(Histogram.lowest(8 * 1024)).isInfinite();
    float[] values = {1, -1, 1.124f, 1.125f, -0.99f, 2, 0, -0.0f, Float.NaN, 1.96f};
    Histogram h = count(floats(values), "float32");
    assertThat(h.first()).isEqualTo(-1);
    assertThat(h.counts()).containsExactly(1, 3, 1, 0, 0, 0, 0, 0, 1, 1);
    assertThat(h.below(0)).isEqualTo(1);
    assertThat(h.below(8)).isEqualTo(6);
    assertThat(h.below(-5)).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void allValuesOf16BitsAreInTheStepThatHoldsThem(HistogramCounter type) {
    ByteBuffer all = ByteBuffer.allocate(2 * 0x10000 + 6).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 0x10003; bits++) {
      all.putShort((short) bits);
    }
    assertCounted(all.flip(), type.name().toLowerCase(java.util.Locale.ROOT));
  }

  @Test
  void randomBitsOf32AreInTheStepThatHoldsThem() {
    Random random = new Random(1);
    ByteBuffer values = ByteBuffer.allocateDirect(4 * MANY).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < MANY; i++) {
      // A quarter are zeros, a quarter denormals.
      int bits = random.nextInt();
      values.putInt(i % 4 == 0 ? bits & 0x80000000 : i % 4 == 1 ? bits & 0x807fffff : bits);
    }
    values.flip();
    assertCounted(values, "float32");
    // From an address of any kind, and with a rest.
    assertCounted(values.position(4 * 4099).slice(), "float32");
    assertCounted(floats(), "float32");
  }

  @Test
  void randomBitsOf64AreInTheStepThatHoldsThem() {
    Random random = new Random(2);
    ByteBuffer values = ByteBuffer.allocate(8 * MANY).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < MANY; i++) {
      long bits = random.nextLong();
      values.putLong(i % 4 == 1 ? bits & 0x800fffffffffffffL : bits);
    }
    assertCounted(values.flip(), "float64");
    double[] ends = {Double.MIN_VALUE, Double.MAX_VALUE, Double.NEGATIVE_INFINITY};
    ByteBuffer few = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    few.asDoubleBuffer().put(ends);
    Histogram h = count(few, "float64");
    assertThat(h.first()).isEqualTo(-8 * 1074);
    assertThat(h.counts()[8 * 1074 + 8 * 1024]).isEqualTo(1);
    assertThat(h.counts()[8 * 1074 + 8 * 1024 - 1]).isEqualTo(1);
  }

  /** By walking down from step to step, without looking at bits. */
  private static void assertCounted(ByteBuffer values, String type) {
    double infinite = type.equals("float16") ? 0x1p16 : type.equals("float64") ? 0 : 0x1p128;
    TreeMap<Double, Integer> steps = new TreeMap<>();
    for (int step = -8 * 1074; step <= 8 * 1024; step++) {
      double power = Math.pow(2, Math.floorDiv(step, 8));
      double eighths = (8 + Math.floorMod(step, 8)) / 8.0;
      // A step's first magnitude may lie between two float64; then it holds none of them.
      if (eighths == 1 || eighths * power / power == eighths) {
        steps.put(eighths * power, step);
      }
    }
    Map<Integer, Long> expected = new TreeMap<>();
    double[] all = FloatReader.read(new OutputValue(type, List.of(elements(values, type)), values));
    for (double x : all) {
      double magnitude = Math.abs(x);
      if (magnitude > 0) {
        double finite = Double.isInfinite(magnitude) && infinite > 0 ? infinite : magnitude;
        expected.merge(steps.floorEntry(finite).getValue(), 1L, Long::sum);
      }
    }
    Histogram h = count(values, type);
    Map<Integer, Long> actual = new TreeMap<>();
    for (int i = 0; i < h.counts().length; i++) {
      if (h.counts()[i] > 0) {
        actual.put(h.first() + i, h.counts()[i]);
      }
    }
    Map<Integer, Long> missing = new TreeMap<>(expected);
    missing.entrySet().removeAll(actual.entrySet());
    Map<Integer, Long> more = new TreeMap<>(actual);
    more.entrySet().removeAll(expected.entrySet());
    assertThat(more).as("instead of %s", missing).isEmpty();
    assertThat(missing).isEmpty();
  }

  @Test
  void sumsOfRunsAndOfProfilesAreWhatAllElementsGiveAtOnce() {
    ProfileRecorder whole = Samples.recorder();
    ProfileRecorder first = Samples.recorder();
    ProfileRecorder second = Samples.recorder();
    float[][] runs = {{1, 0, 3}, {Float.NaN, 0.1f}, {1e30f}, {}, {-1, 2}};
    for (int i = 0; i < runs.length; i++) {
      record(whole, runs[i]);
      record(i % 2 == 0 ? first : second, runs[i]);
    }
    Histogram all = count(floats(1, 3, 0.1f, 1e30f, -1, 2), "float32");
    TapProfile tap = whole.snapshot().taps().get(0);
    assertThat(tap.histogram()).isEqualTo(all);
    assertThat(whole.snapshot().taps().get(1).histogram()).isNull();

    Profile merged =
        Profile.merge(
            List.of(
                Samples.profile(first.snapshot()),
                Profile.parse("second", Samples.profile(second.snapshot()).toJson())));
    assertThat(merged.models().get(0).taps().get(0).histogram()).isEqualTo(all);
  }

  @Test
  void aRunWithoutLeavesNone() {
    ProfileRecorder recorder = Samples.recorder();
    record(recorder, 1, 2);
    recorder.run();
    recorder.record(new Counts[] {new Counts(2, 1, 0), null, null});
    assertThat(recorder.snapshot().taps().get(0).histogram()).isNull();
    assertThat(Samples.profile(recorder.snapshot()).toJson()).doesNotContain("histogram");
  }

  @Test
  void damagedOnesAreRefused() {
    ProfileRecorder recorder = Samples.recorder();
    record(recorder, 1, 2);
    String json = Samples.profile(recorder.snapshot()).toJson();
    assertThat(json.replaceAll("\\s", "")).contains("\"histogram\":{\"first\":0,\"counts\":[1,0");
    for (String first : List.of("-9000", "8193")) {
      assertThatThrownBy(
              () -> Profile.parse("p", json.replaceFirst("\"first\" : 0", "\"first\" : " + first)))
          .isInstanceOf(ProfileException.class)
          .hasMessageContaining("damaged");
    }
    assertThatThrownBy(() -> Histogram.of(0, new long[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new TapProfile(
                    "n",
                    "Relu",
                    "t",
                    "",
                    "",
                    TapKind.ACTIVATION,
                    "float32",
                    1,
                    3,
                    1,
                    0,
                    new PerRun(0.3, 0.3, 0.3, 0),
                    0,
                    null,
                    null,
                    Histogram.of(0, new long[] {3})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("histogram of 3 elements");
  }

  private static void record(ProfileRecorder recorder, float... values) {
    ByteBuffer bytes = floats(values);
    Counts counts = ZeroCounter.FLOAT32.count(bytes);
    Histogram histogram = HistogramCounter.FLOAT32.count(bytes, counts);
    recorder.run();
    recorder.record(
        new Counts[] {counts, null, null},
        new ChannelSet[3],
        new Histogram[] {histogram, null, null});
  }

  private static Histogram count(ByteBuffer values, String type) {
    return HistogramCounter.of(type).count(values, ZeroCounter.of(type).count(values));
  }

  private static long elements(ByteBuffer values, String type) {
    return values.remaining() / ZeroCounter.of(type).bytes();
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }
}
