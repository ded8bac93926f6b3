package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountTest {
  private static final Rules TAP = new Rules(List.of(), List.of(), List.of("n"), Map.of());
  private static final float[] SPECIALS = {
    0,
    -0.0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL / 2,
    1e-30f,
    -1e-30f,
    1,
    -1,
    0,
    0,
    Float.MAX_VALUE
  };

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
  void countsEveryRankAndTypeAsALoopDoes(int opset) {
    Random random = new Random(opset);
    long[][] shapes = {
      {},
      {7},
      {0},
      {1},
      {3, 5},
      {0, 5},
      {5, 0},
      {2, 3, 4},
      {2, 3, 4, 5},
      {1, 2, 0, 3},
      {0, 2, 3, 3},
      {2, 2, 2, 2, 2},
      {1, 64, 9, 11}
    };
    for (ElementType type : floatTypes(opset)) {
      for (String op : List.of("Identity", "Relu", "ConvRelu")) {
        if (op.equals("Relu") && type == ElementType.BFLOAT16) {
          continue; // ONNX Runtime has no such kernel for the CPU.
        }
        for (long[] shape : shapes) {
          boolean image = shape.length == 4 && shape[2] > 0 && type == ElementType.FLOAT;
          if (op.equals("ConvRelu") && !image) {
            continue;
          }
          for (boolean special : new boolean[] {false, true}) {
            Tensor in = random(type, random, special, shape);
            assertCounts(opset, op, in);
          }
        }
      }
    }
  }

  @Test
  void countsWithoutKnowingTheRank() {
    byte[] model =
        rewrite(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, -1, -1)
                .input("shape", ElementType.INT64, -1)
                .node("Reshape", List.of("x", "shape"), List.of("y"), "n")
                .unshapedOutput("y", ElementType.FLOAT));
    Tensor x = Tensor.floats(new float[] {1, 0, -2, Float.NaN, 0, 0}, 2, 3);
    ByteBuffer dims = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 6);
    Map<String, Tensor> feed =
        Map.of("x", x, "shape", new Tensor(ElementType.INT64, new long[] {1}, dims));
    assertThat(Ort.counts(Ort.run(model, feed))).containsExactly(List.of(6L, 3L, 1L));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsBeyondWhatFloatsAddExactly(boolean relu) {
    // 2^24 + 3 elements, of which 5 are zero.
    int n = (1 << 24) + 3;
    float[] values = new float[n];
    Arrays.fill(values, 1);
    for (int i = 0; i < 5; i++) {
      values[i * 1000] = 0;
    }
    Tensor x = Tensor.floats(values, 1, 1, 1, n);
    byte[] model = rewrite(relu ? convolution(13, 1) : model(13, "Identity", ElementType.FLOAT, 4));
    assertThat(Ort.counts(Ort.run(model, Map.of("x", x))))
        .containsExactly(List.of((long) n, 5L, 0L));
  }

  @Test
  void countsLargeImagesExactly() {
    // Just below and above the image size up to which shares are exact enough.
    for (int w : new int[] {1023, 1024, 1025}) {
      int n = 1024 * w;
      float[] values = new float[n];
      Random random = new Random(w);
      int zeros = 0;
      for (int i = 0; i < n; i++) {
        values[i] = random.nextInt(3) - 1;
        zeros += values[i] > 0 ? 0 : 1;
      }
      byte[] model = rewrite(convolution(13, 1));
      Tensor x = Tensor.floats(values, 1, 1, 1024, w);
      assertThat(Ort.counts(Ort.run(model, Map.of("x", x))))
          .containsExactly(List.of((long) n, (long) zeros, 0L));
    }
  }

  /** The blocked layout of convolutions, where the specials come through a 1x1 kernel of ones. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16, 32})
  void countsBehindConvolutionsInTheBlockedLayout(int channels) {
    float[] identity = new float[channels * channels];
    for (int i = 0; i < channels; i++) {
      identity[i * channels + i] = 1;
    }
    byte[] model =
        rewrite(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, -1, channels, -1, -1)
                .initializer("w", identity, channels, channels, 1, 1)
                .node("Conv", List.of("x", "w"), List.of("c"), "conv")
                .node("Relu", List.of("c"), List.of("y"), "n")
                .node("Conv", List.of("y", "w"), List.of("z"), "conv2")
                .output("y", ElementType.FLOAT, -1, channels, -1, -1)
                .output("z", ElementType.FLOAT, -1, channels, -1, -1));
    Random random = new Random(channels);
    for (float special : new float[] {0, 1, Float.NaN, Float.MIN_VALUE, Float.POSITIVE_INFINITY}) {
      Tensor x = random(ElementType.FLOAT, random, false, 2, channels, 5, 7);
      x.values().putFloat(4 * 11, special);
      Map<String, Tensor> outputs = Ort.run(model, Map.of("x", x));
      assertThat(Ort.counts(outputs))
          .as("special %s", special)
          .containsExactly(loop(outputs.get("y")));
    }
  }

  @Test
  void countsWhatConsumersSeeBehindAThreshold() {
    ThresholdRule rule = new ThresholdRule("n", 1, false, false, false);
    Rules rules = new Rules(List.of(), List.of(rule), List.of("n"), Map.of());
    byte[] model =
        new Rewriter(rules, false, false)
            .plan(model(13, "Relu", ElementType.FLOAT, 1).toModel("m"))
            .edit()
            .toBytes();
    Tensor x = Tensor.floats(new float[] {-1, 0.5f, 0.99f, 1, 2}, 5);
    assertThat(Ort.counts(Ort.run(model, Map.of("x", x)))).containsExactly(List.of(5L, 3L, 0L));
  }

  @Test
  void countsFloat16AsItIsStoredNotAsItWasComputed() {
    // 1e-4 times 1e-4 is no zero in float32, in which ONNX Runtime computes it, but in float16.
    byte[] model =
        rewrite(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT16, -1)
                .node("Mul", List.of("x", "x"), List.of("y"), "n")
                .output("y", ElementType.FLOAT16, -1));
    Tensor x = Tensor.shorts(ElementType.FLOAT16, new short[] {0x068e, 0x3c00}, 2);
    Map<String, Tensor> outputs = Ort.run(model, Map.of("x", x));
    assertThat(Ort.counts(outputs)).containsExactly(loop(outputs.get("y")));
  }

  private static void assertCounts(int opset, String op, Tensor in) {
    byte[] model =
        rewrite(
            op.equals("ConvRelu")
                ? convolution(opset, (int) in.shape()[1])
                : model(opset, op, in.type(), in.shape().length));
    Map<String, Tensor> outputs = Ort.run(model, Map.of("x", in));
    assertThat(Ort.counts(outputs))
        .as("%s %s %s", op, in.type(), Arrays.toString(in.shape()))
        .containsExactly(loop(outputs.get("y")));
  }

  private static ModelBuilder model(int opset, String op, ElementType type, int rank) {
    long[] unknown = new long[rank];
    Arrays.fill(unknown, -1);
    return ModelBuilder.model(opset)
        .input("x", type, unknown)
        .node(Nodes.node(op, List.of("x"), List.of("y"), "n"))
        .output("y", type, unknown);
  }

  /** A convolution that changes nothing, channel by channel, and a ReLU. */
  private static ModelBuilder convolution(int opset, int channels) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return ModelBuilder.model(opset)
        .input("x", ElementType.FLOAT, -1, channels, -1, -1)
        .initializer("w", ones, channels, 1, 1, 1)
        .node("Conv", List.of("x", "w"), List.of("c"), "conv", Nodes.integer("group", channels))
        .node("Relu", List.of("c"), List.of("y"), "n")
        .output("y", ElementType.FLOAT, -1, channels, -1, -1);
  }

  private static byte[] rewrite(ModelBuilder model) {
    return new Rewriter(TAP, false, false).plan(model.toModel("m")).edit().toBytes();
  }

  /** The counts of a tensor by a loop over its bits. */
  private static List<Long> loop(Tensor t) {
    ByteBuffer b = t.values().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long n = 0;
    long zeros = 0;
    long nan = 0;
    while (b.hasRemaining()) {
      n++;
      double v =
          switch (t.type()) {
            case FLOAT -> b.getFloat();
            case DOUBLE -> b.getDouble();
            case BFLOAT16 -> Float.intBitsToFloat(b.getShort() << 16);
            case FLOAT16 -> half(b.getShort() & 0x7fff);
            default -> throw new AssertionError(t.type());
          };
      zeros += v == 0 ? 1 : 0;
      nan += Double.isNaN(v) ? 1 : 0;
    }
    return List.of(n, zeros, nan);
  }

  /** Zero, NaN, or one for any other. */
  private static double half(int magnitude) {
    return magnitude == 0 ? 0 : magnitude > 0x7c00 ? Double.NaN : 1;
  }

  private static List<ElementType> floatTypes(int opset) {
    return opset < 13
        ? List.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16)
        : List.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16, ElementType.BFLOAT16);
  }

  private static Tensor random(ElementType type, Random random, boolean special, long... shape) {
    int n = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    int bytes = type.bits() / 8;
    ByteBuffer b = ByteBuffer.allocate(n * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      float v = random.nextInt(3) == 0 ? 0 : (float) random.nextGaussian();
      if (special && random.nextInt(4) == 0) {
        v = SPECIALS[random.nextInt(SPECIALS.length)];
      }
      switch (type) {
        case FLOAT -> b.putFloat(v);
        case DOUBLE -> b.putDouble(v);
        default -> b.putShort((short) (v == 0 ? 0 : random.nextInt(65536)));
      }
    }
    return new Tensor(type, shape, b.flip());
  }
}
