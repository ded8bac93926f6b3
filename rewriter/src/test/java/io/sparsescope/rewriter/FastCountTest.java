package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counting that never looks at the tensor itself: exact without NaN, marked with it. */
class FastCountTest {
  private static final Rules RELUS = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
  private static final int CHANNELS = 5;

  private final Random random = new Random(7);
  private ModelBuilder model = model(13);
  private final List<String> relus = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(ints = {9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
  void sizesFollowStridesPadsDilationsPoolingAndJoins(int opset) {
    model = model(opset);
    String a = relu(conv("x", 3, Nodes.integers("pads", 1, 1, 1, 1)));
    String b =
        relu(conv(a, 3, Nodes.integers("strides", 2, 3), Nodes.integers("pads", 0, 1, 2, 1)));
    String c = relu(conv(b, 3, Nodes.integers("dilations", 2, 1)));
    String pooled =
        node(
            "MaxPool",
            List.of(a),
            Nodes.integers("kernel_shape", 3, 2),
            Nodes.integers("strides", 2, 2));
    String d = relu(conv(pooled, 1));
    String e = relu(conv(a, 2, Nodes.string("auto_pad", "SAME_UPPER")));
    String f =
        relu(conv(a, 3, Nodes.string("auto_pad", "SAME_LOWER"), Nodes.integers("strides", 2, 2)));
    String left = conv(a, 3, Nodes.integers("pads", 1, 1, 1, 1));
    String g = relu(node("Add", List.of(left, conv(a, 1))));
    String h = relu(conv(node("Concat", List.of(g, a), Nodes.integer("axis", 1)), 1));
    assertThat(List.of(a, b, c, d, e, f, g, h)).isEqualTo(relus);
    assertCounted(new long[] {3, CHANNELS, 17, 23});
    assertCounted(new long[] {1, CHANNELS, 40, 19});
  }

  @Test
  void tensorWithNanIsMarkedAndTheOthersAreCounted() {
    String a = relu(conv("x", 1));
    relu(conv(a, 1));
    byte[] rewritten = rewrite(CountMode.FAST);
    Tensor x = input(2, CHANNELS, 4, 4);
    x.values().putFloat(40, Float.NaN);
    List<List<Long>> counts = Ort.counts(Ort.run(rewritten, Map.of("x", x)));
    assertThat(counts.get(0)).containsExactly(2L * CHANNELS * 16, -1L, 0L);
  }

  /** Sums of all tensors are made at once. */
  @Test
  void nanInOneTensorLeavesTheOthersCounted() {
    model = ModelBuilder.model(13).input("x", ElementType.FLOAT, -1, 2, -1, -1);
    model.initializer("same", new float[] {1, 1}, 2, 1, 1, 1);
    model.initializer("difference", new float[] {1, -1, 0, 1}, 2, 2, 1, 1);
    channels.put("x", 2);
    String a = relu(node("Conv", List.of("x", "same"), Nodes.integer("group", 2)));
    relu(node("Conv", List.of(a, "difference")));
    float infinite = Float.POSITIVE_INFINITY;
    float[] values = {1, 0, infinite, 2, 1, 1, infinite, 0};
    Map<String, Tensor> outputs =
        Ort.run(rewrite(CountMode.FAST), Map.of("x", Tensor.floats(values, 1, 2, 2, 2)));
    assertThat(Ort.counts(outputs)).containsExactly(List.of(8L, 2L, 0L), List.of(8L, -1L, 0L));
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 13, 22})
  void sizesThatTheInputDeclaresAreUsed(int opset) {
    model = ModelBuilder.model(opset).input("x", ElementType.FLOAT, -1, CHANNELS, 17, 22);
    String a = relu(conv("x", 3, Nodes.integers("strides", 2, 3)));
    relu(conv(a, 2, Nodes.integers("pads", 0, 1, 1, 0)));
    assertCounted(new long[] {3, CHANNELS, 17, 22});
    assertCounted(new long[] {1, CHANNELS, 17, 22});
  }

  /** So many that a matrix that adds them up would be too large. */
  @Test
  void manyChannelsAreAddedUpTensorByTensor() {
    int many = 33_001;
    model = ModelBuilder.model(13).input("x", ElementType.FLOAT, -1, many, -1, -1);
    float[] ones = new float[many];
    Arrays.fill(ones, 1);
    model.initializer("ones", ones, many, 1, 1, 1);
    channels.put("x", many);
    String a = relu(node("Conv", List.of("x", "ones"), Nodes.integer("group", many)));
    relu(conv(a, 1));
    assertCounted(new long[] {2, many, 2, 1});
  }

  /** Else all tensors are kept in memory until the last one is made. */
  @Test
  void eachTensorIsCountedBeforeTheNextIsMade() throws IOException {
    String at = "x";
    model = ModelBuilder.model(13).input("x", ElementType.FLOAT, -1, 16, 12, 12);
    channels.put("x", 16);
    for (int i = 0; i < 6; i++) {
      float[] weights = new float[16 * 16];
      Arrays.fill(weights, 0.1f);
      model.initializer("weights" + i, weights, 16, 16, 1, 1);
      // Every second one halves the image.
      at =
          node(
              "Relu",
              List.of(
                  node(
                      "Conv",
                      List.of(at, "weights" + i),
                      Nodes.integers("strides", 1 + i % 2, 1 + i % 2))));
    }
    model.unshapedOutput(node("Flatten", List.of(at)), ElementType.FLOAT);
    ModelProto optimized = Ort.optimized(rewrite(CountMode.FAST));
    List<NodeProto> nodes = optimized.getGraph().getNodeList();
    assumeThat(nodes).as("blocked layout").anyMatch(n -> n.getDomain().endsWith("nchwc"));
    assertThat(nodes.stream().map(NodeProto::getOpType))
        .filteredOn(List.of("Conv", "HardSigmoid")::contains)
        .hasSize(12)
        .containsSequence("Conv", "HardSigmoid", "Conv", "HardSigmoid", "Conv", "HardSigmoid")
        .endsWith("Conv", "HardSigmoid", "Conv", "HardSigmoid", "Conv", "HardSigmoid");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 16, 48})
  void whatIsAbove2ToTheMinus128IsNotZero(int channels) {
    float[] values = new float[channels * 4];
    values[0] = 0x1.000002p-128f;
    values[1] = Float.MIN_NORMAL / 2;
    values[2] = Float.MIN_NORMAL;
    values[7] = Float.POSITIVE_INFINITY;
    values[8] = -1;
    values[9] = -0f;
    values[10] = -Float.MIN_VALUE;
    values[11] = Float.MAX_VALUE;
    values[13] = Float.NEGATIVE_INFINITY;
    assertThat(identityCounts(channels, values))
        .containsExactly(List.of(channels * 4L, channels * 4L - 5, 0L));
  }

  /** Each of them makes a fraction of one. */
  @ParameterizedTest
  @ValueSource(floats = {Float.MIN_VALUE, 0x1p-140f, 0x1p-130f, 0x1.8p-129f})
  void anElementBelow2ToTheMinus128MarksTheTensor(float tiny) {
    float[] values = new float[5 * 4];
    values[3] = 1;
    values[17] = tiny;
    assertThat(identityCounts(5, values)).containsExactly(List.of(20L, -1L, 0L));
  }

  /** Exact for every count of a large image: rounding marks nothing. */
  @Test
  void noCountOfALargeImageIsTakenForAFraction() {
    int channels = 500;
    int pixels = 4096;
    float[] values = new float[channels * pixels];
    long zeros = values.length;
    for (int channel = 0; channel < channels; channel++) {
      for (int i = 0; i < channel * 8 + 3; i++) {
        values[channel * pixels + i] = 1;
        zeros--;
      }
    }
    assertThat(identityCounts(channels, values))
        .containsExactly(List.of((long) values.length, zeros, 0L));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 16})
  void oneNanMarksTheTensor(int channels) {
    float[] values = new float[channels * 4];
    values[channels * 4 - 1] = Float.NaN;
    assertThat(identityCounts(channels, values)).containsExactly(List.of(channels * 4L, -1L, 0L));
  }

  /** Counts of a Relu behind a convolution that changes nothing. */
  private static List<List<Long>> identityCounts(int channels, float[] values) {
    float[] identity = new float[channels];
    Arrays.fill(identity, 1);
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, channels, -1, -1)
            .initializer("ones", identity, channels, 1, 1, 1)
            .node(
                "Conv",
                List.of("x", "ones"),
                List.of("c"),
                "conv",
                Nodes.integer("group", channels))
            .node("Relu", List.of("c"), List.of("y"), "relu")
            .output("y", ElementType.FLOAT, -1, channels, -1, -1);
    byte[] rewritten =
        new Rewriter(RELUS, false, false, CountMode.FAST).plan(model.toModel("m")).edit().toBytes();
    return Ort.counts(
        Ort.run(
            rewritten,
            Map.of("x", Tensor.floats(values, 1, channels, 2, values.length / channels / 2))));
  }

  @Test
  void rowsStayInTheOrderOfTheGraphWhateverCountsThem() {
    String a = relu(conv("x", 1));
    String flat = node("Flatten", List.of(a));
    String b = relu(flat);
    String c = relu(conv(a, 1));
    assertThat(relus).containsExactly(a, b, c);
    assertCounted(new long[] {2, CHANNELS, 6, 6});
    assertCounted(new long[] {0, CHANNELS, 6, 6});
  }

  /** Counts of both modes, which must agree with a loop over the tensors. */
  private void assertCounted(long[] shape) {
    Map<String, Tensor> inputs = Map.of("x", input(shape));
    List<List<Long>> expected = new ArrayList<>();
    Map<String, Tensor> outputs = Ort.run(rewrite(CountMode.FAST), inputs);
    for (String relu : relus) {
      expected.add(loop(outputs.get(relu)));
    }
    assertThat(Ort.counts(outputs)).isEqualTo(expected);
    assertThat(Ort.counts(Ort.run(rewrite(CountMode.EXACT), inputs))).isEqualTo(expected);
  }

  private static List<Long> loop(Tensor tensor) {
    long zeros = 0;
    long elements = 0;
    for (int at = 0; at < tensor.values().limit(); at += Float.BYTES) {
      zeros += tensor.values().getFloat(at) == 0 ? 1 : 0;
      elements++;
    }
    return List.of(elements, zeros, 0L);
  }

  private static ModelBuilder model(int opset) {
    return ModelBuilder.model(opset).input("x", ElementType.FLOAT, -1, CHANNELS, -1, -1);
  }

  private byte[] rewrite(CountMode mode) {
    return new Rewriter(RELUS, false, false, mode).plan(model.toModel("m")).edit().toBytes();
  }

  private Tensor input(long... shape) {
    int n = 1;
    for (long d : shape) {
      n *= (int) d;
    }
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.floats(values, shape);
  }

  private final Map<String, Integer> channels = new HashMap<>(Map.of("x", CHANNELS));

  private String conv(String input, int kernel, AttributeProto... attributes) {
    int in = channels.get(input);
    float[] weights = new float[CHANNELS * in * kernel * kernel];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    String name = "w" + channels.size();
    model.initializer(name, weights, CHANNELS, in, kernel, kernel);
    return node("Conv", List.of(input, name), attributes);
  }

  private String relu(String input) {
    String relu = node("Relu", List.of(input));
    relus.add(relu);
    model.unshapedOutput(relu, ElementType.FLOAT);
    return relu;
  }

  private String node(String op, List<String> inputs, AttributeProto... attributes) {
    String name = op + channels.size();
    NodeProto node = Nodes.node(op, inputs, List.of(name), name, attributes);
    model.node(node);
    int count =
        op.equals("Concat")
            ? inputs.stream().mapToInt(channels::get).sum()
            : channels.get(inputs.get(0));
    channels.put(name, op.equals("Conv") && inputs.get(1).startsWith("w") ? CHANNELS : count);
    return name;
  }
}
