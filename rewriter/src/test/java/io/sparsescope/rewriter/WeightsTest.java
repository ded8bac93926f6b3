package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private static final float[] W = {0.1f, -0.2f, 0.3f, -0.4f};

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyTheMatchedUserOfASharedWeightSeesZeros(boolean throughTranspose) {
    Rewrite r = plan(shared(throughTranspose), new ThresholdRule("one", 0.25, false, false, false));
    Map<String, Tensor> out = run(r);
    float[] plain = throughTranspose ? new float[] {-0.1f, -0.1f} : new float[] {0.4f, -0.6f};
    assertThat(out.get("b").floats()).usingComparatorWithPrecision(1e-6f).containsExactly(plain);
    assertThat(out.get("a").floats())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(throughTranspose ? new float[] {0, -0.1f} : new float[] {0.3f, -0.4f});
    assertThat(r.thresholds()).extracting(Threshold::tensor).containsExactly("w");
  }

  @Test
  void usersWithOneRuleShareItsNodes() {
    Rewrite both = plan(shared(false), new ThresholdRule("**", 0.25, false, false, false));
    Rewrite one = plan(shared(false), new ThresholdRule("one", 0.25, false, false, false));
    assertThat(nodes(both)).isEqualTo(nodes(one));
    assertThat(run(both).get("b").floats()).isEqualTo(run(both).get("a").floats());
  }

  @Test
  void dynamicThresholdOnAWeightIsAnInput() {
    Rewrite r = plan(shared(false), new ThresholdRule("one", 0.25, false, true, false));
    String input = r.thresholds().get(0).input();
    assertThat(run(r).get("a").floats()).usingComparatorWithPrecision(1e-6f).contains(0.3f, -0.4f);
    Map<String, Tensor> feed = Map.of("x", ones(), input, Tensor.floats(new float[] {0}));
    assertThat(Ort.runOverriding(r.edit().toBytes(), feed).get("a").floats())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(0.4f, -0.6f);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"})
  void bakesZerosIntoTheInitializer(ElementType type) {
    ByteBuffer raw = ByteBuffer.allocate(4 * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
    // 0.5, -1, NaN, 1.
    switch (type) {
      case FLOAT -> raw.putFloat(0.5f).putFloat(-1).putFloat(Float.NaN).putFloat(1);
      case DOUBLE -> raw.putDouble(0.5).putDouble(-1).putDouble(Double.NaN).putDouble(1);
      case FLOAT16 ->
          raw.putShort((short) 0x3800)
              .putShort((short) 0xbc00)
              .putShort((short) 0x7e00)
              .putShort((short) 0x3c00);
      default ->
          raw.putShort((short) 0x3f00)
              .putShort((short) 0xbf80)
              .putShort((short) 0x7fc0)
              .putShort((short) 0x3f80);
    }
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", type, 1, 2)
            .initializer(Tensors.raw("w", type, raw.array(), 2, 2))
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", type, 1, 2);
    byte[] expectedLt = raw.array().clone();
    java.util.Arrays.fill(expectedLt, 0, type.bits() / 8, (byte) 0);
    assertThat(baked(model, 1, false)).isEqualTo(expectedLt);
    byte[] expectedLe = new byte[expectedLt.length];
    int nan = 2 * type.bits() / 8;
    System.arraycopy(raw.array(), nan, expectedLe, nan, type.bits() / 8);
    assertThat(baked(model, 1, true)).isEqualTo(expectedLe);
    assertThat(baked(model, 0, false)).isEqualTo(raw.array());
  }

  @Test
  void bakingAWeightThatAnotherReadsIsAnError() {
    assertThatThrownBy(
            () -> plan(shared(false), new ThresholdRule("one", 0.25, false, false, true)))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model m: weight w is read by node two too, which no bake rule matches: leave out"
                + " bake, so that only the matched nodes see zeros");
    assertThat(plan(shared(true), new ThresholdRule("**", 0.25, false, false, true)).thresholds())
        .hasSize(2)
        .allMatch(Threshold::baked);
  }

  @Test
  void bakingOneWeightTwoWaysIsAnError() {
    assertThatThrownBy(
            () ->
                plan(
                    shared(false),
                    new ThresholdRule("one", 0.25, false, false, true),
                    new ThresholdRule("two", 0.5, false, false, true)))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("give both the same threshold and compare, or leave out bake");
  }

  /** Every view that a weight is followed through, in one row: 0.5 is stored, 0.25 too. */
  @Test
  void followsAWeightThroughItsViews() {
    ByteBuffer raw = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    // 0.5, -0.25, 1, 0.125 as float16.
    raw.putShort((short) 0x3800).putShort((short) 0xb400).putShort((short) 0x3c00);
    raw.putShort((short) 0x3000);
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer(Tensors.raw("w", ElementType.FLOAT16, raw.array(), 1, 4))
            .initializer("shape", new long[] {2, 2}, 2)
            .node("Identity", List.of("w"), List.of("w1"), "id")
            .node("Reshape", List.of("w1", "shape"), List.of("w2"), "reshape")
            .node("Cast", List.of("w2"), List.of("w3"), "cast", Nodes.integer("to", 1))
            .node("Transpose", List.of("w3"), List.of("w4"), "t", Nodes.integers("perm", 1, 0))
            .node("MatMul", List.of("x", "w4"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, 1, 2);
    Rewrite r = plan(model, new ThresholdRule("fc", 0.25, true, false, false));
    assertThat(r.thresholds()).extracting(Threshold::tensor).containsExactly("w");
    // The matrix is ((0.5, 1), (-0.25, 0.125)) and becomes ((0.5, 1), (0, 0)).
    assertThat(run(r).get("y").floats()).containsExactly(0.5f, 1f);
    Rewrite baked = plan(model, new ThresholdRule("fc", 0.25, true, false, true));
    assertThat(run(baked).get("y").floats()).containsExactly(0.5f, 1f);
  }

  @Test
  void aThresholdBehindDequantizeLinearComparesTheValuesThatItsIntegersStandFor() {
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {1, 0.5f}, 1, 2));
    // The matrix is ((0.5, -2), (-0.5, 1)): the zero point is 3, the scale 0.5.
    // Optimized, ONNX Runtime would quantize x, too, which the threshold keeps it from.
    assertThat(Ort.run(dequantized().toBytes(), feed, OptLevel.NO_OPT).get("y").floats())
        .containsExactly(0.25f, -1.5f);
    Rewrite r = plan(dequantized(), new ThresholdRule("fc", 1, false, false, false));
    assertThat(Ort.run(r.edit().toBytes(), feed).get("y").floats()).containsExactly(0f, -1.5f);
    Rewrite le = plan(dequantized(), new ThresholdRule("fc", 1, true, false, false));
    assertThat(Ort.run(le.edit().toBytes(), feed).get("y").floats()).containsExactly(0f, -2f);
    assertThat(r.thresholds()).extracting(Threshold::tensor).containsExactly("q");
  }

  @Test
  void zerosAreNotBakedIntoQuantizedWeights() {
    Rewrite r = plan(dequantized(), new ThresholdRule("fc", 1, false, false, true));
    assertThat(r.edit().isEmpty()).isTrue();
    assertThat(r.skipped())
        .containsExactly(
            new Skip(
                "fc",
                "q",
                "it is quantized, and zeros are not baked into integers: leave out bake"));
  }

  @Test
  void integersThatAnOperatorReadsHaveNoThreshold() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.UINT8, 1, 2)
            .initializer(Tensors.raw("q", ElementType.INT8, new byte[4], 2, 2))
            .node("MatMulInteger", List.of("x", "q"), List.of("y"), "fc")
            .output("y", ElementType.INT32, 1, 2);
    assertThat(plan(model, new ThresholdRule("fc", 1, false, false, false)).skipped())
        .containsExactly(
            new Skip(
                "fc",
                "q",
                "it is quantized, and MatMulInteger reads its integers: give the model a threshold"
                    + " before it is quantized"));
  }

  /** Each operator's weights are found, and ONNX Runtime sees them with zeros. */
  @ParameterizedTest
  @ValueSource(strings = {"Conv", "ConvTranspose", "Gemm", "MatMul", "RNN", "LSTM", "GRU"})
  void reachesTheWeightsOf(String op) {
    boolean recurrent = List.of("RNN", "LSTM", "GRU").contains(op);
    boolean convolution = op.startsWith("Conv");
    int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
    ModelBuilder model = ModelBuilder.model(13);
    if (recurrent) {
      model
          .input("x", ElementType.FLOAT, 1, 1, 1)
          .initializer("w", same(0.2f, gates), 1, gates, 1)
          .initializer("r", same(0.2f, gates), 1, gates, 1)
          .node(op, List.of("x", "w", "r"), List.of("y"), "n", Nodes.integer("hidden_size", 1))
          .output("y", ElementType.FLOAT, 1, 1, 1, 1);
    } else if (convolution) {
      model
          .input("x", ElementType.FLOAT, 1, 1, 1, 1)
          .initializer("w", new float[] {0.2f}, 1, 1, 1, 1)
          .node(op, List.of("x", "w"), List.of("y"), "n")
          .output("y", ElementType.FLOAT, 1, 1, 1, 1);
    } else {
      model
          .input("x", ElementType.FLOAT, 1, 1)
          .initializer("w", new float[] {0.2f}, 1, 1)
          .node(op, List.of("x", "w"), List.of("y"), "n")
          .output("y", ElementType.FLOAT, 1, 1);
    }
    long[] dims = recurrent ? new long[] {1, 1, 1} : convolution ? new long[] {1, 1, 1, 1} : null;
    Tensor x = Tensor.floats(new float[] {1}, dims == null ? new long[] {1, 1} : dims);
    float plain = Ort.run(model.toBytes(), Map.of("x", x)).get("y").floats()[0];
    assertThat(plain).isNotZero();
    for (boolean bake : new boolean[] {false, true}) {
      Rewrite r = plan(model, new ThresholdRule("n", 0.25, false, false, bake));
      assertThat(r.thresholds())
          .extracting(Threshold::tensor)
          .containsExactlyElementsOf(recurrent ? List.of("w", "r") : List.of("w"));
      assertThat(Ort.run(r.edit().toBytes(), Map.of("x", x)).get("y").floats()).containsExactly(0f);
    }
  }

  /** com.microsoft's Attention, whose one weight holds Q, K and V side by side. */
  @Test
  void reachesTheWeightsOfAttention() {
    float[] weights = new float[2 * 6];
    java.util.Arrays.fill(weights, 0.2f);
    ModelBuilder model =
        ModelBuilder.model(13)
            .importing("com.microsoft", 1)
            .input("x", ElementType.FLOAT, 1, 1, 2)
            .initializer("qkv", weights, 2, 6)
            .initializer("b", new float[] {0, 0, 0, 0, 0.1f, 0.5f}, 6)
            .node(
                Nodes.node(
                    "com.microsoft",
                    "Attention",
                    List.of("x", "qkv", "b"),
                    List.of("y"),
                    "attention",
                    Nodes.integer("num_heads", 1)))
            .output("y", ElementType.FLOAT, 1, 1, 2);
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {1, 1}, 1, 1, 2));
    assertThat(Ort.run(model.toBytes(), feed).get("y").floats()).containsExactly(0.5f, 0.9f);
    Rewrite r = plan(model, new ThresholdRule("**", 0.25, false, false, false));
    assertThat(Ort.run(r.edit().toBytes(), feed).get("y").floats()).containsExactly(0.1f, 0.5f);
    Rewrite biases = plan(model, new ThresholdRule("**", 0.25, false, false, false, true));
    assertThat(Ort.run(biases.edit().toBytes(), feed).get("y").floats()).containsExactly(0f, 0.5f);
    assertThat(biases.thresholds()).extracting(Threshold::tensor).containsExactly("qkv", "b");
  }

  @Test
  void reachesEmbeddingsByLayerOperatorAndName() {
    for (String pattern : List.of("layer:*", "op:Gather", "words/**", "tensor:table")) {
      for (boolean bake : new boolean[] {false, true}) {
        Rewrite r = plan(embedding(), new ThresholdRule(pattern, 0.25, false, false, bake));
        assertThat(r.thresholds()).extracting(Threshold::tensor).containsExactly("table");
        Tensor rows =
            new Tensor(ElementType.INT64, new long[] {2}, ByteBuffer.allocate(16).put(0, (byte) 1));
        assertThat(Ort.run(r.edit().toBytes(), Map.of("ids", rows)).get("y").floats())
            .containsExactly(0.3f, -0.4f, 0, 0);
      }
    }
  }

  @Test
  void embeddingsAreNoActivationsToLayerPatterns() {
    Rules taps = new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());
    assertThatThrownBy(() -> new Rewriter(taps, false, false).plan(embedding().toModel("m")))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("selects nothing");
  }

  /** As dynamic quantization leaves them: integers are looked up, then dequantized. */
  @Test
  void tablesOfIntegersSayWhereTheirThresholdGoes() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("ids", ElementType.INT64, 1)
            .initializer(Tensors.raw("table", ElementType.UINT8, new byte[] {9, 3, 2, 1}, 2, 2))
            .initializer("s", new float[] {0.5f})
            .initializer(Tensors.raw("z", ElementType.UINT8, new byte[] {3}))
            .node("Gather", List.of("table", "ids"), List.of("rows"), "words/Gather")
            .node("DequantizeLinear", List.of("rows", "s", "z"), List.of("y"), "words/dq")
            .output("y", ElementType.FLOAT, 1, 2);
    Rewrite r = plan(model, new ThresholdRule("**", 1, false, false, false));
    assertThat(r.thresholds()).isEmpty();
    assertThat(r.skipped())
        .containsExactly(
            new Skip(
                "words/Gather",
                "table",
                "it is quantized until its rows are looked up: give node words/dq a threshold on"
                    + " activations, which does the same"));
  }

  @Test
  void biasesAreChangedOnlyIfARuleAsks() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", W, 2, 2)
            .initializer("b", new float[] {0.1f, 0.3f}, 2)
            .initializer("one", new float[] {0.1f})
            .node("MatMul", List.of("x", "w"), List.of("h"), "fc")
            .node("Add", List.of("b", "h"), List.of("i"), "bias")
            .node("Add", List.of("i", "one"), List.of("y"), "scalar")
            .output("y", ElementType.FLOAT, 1, 2);
    Rewrite plain = plan(model, new ThresholdRule("**", 0.25, false, false, false));
    assertThat(plain.thresholds()).extracting(Threshold::tensor).containsExactly("w");
    for (boolean bake : new boolean[] {false, true}) {
      Rewrite r = plan(model, new ThresholdRule("**", 0.25, false, false, bake, true));
      assertThat(r.thresholds()).extracting(Threshold::tensor).containsExactly("w", "b");
      // x w = (0.3, -0.4), bias (0, 0.3), one 0.1.
      assertThat(run(r).get("y").floats())
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(0.4f, 0f);
    }
    Rewrite alone = plan(model, new ThresholdRule("tensor:b", 0.25, false, false, false, true));
    assertThat(alone.thresholds()).extracting(Threshold::tensor).containsExactly("b");
    assertThatThrownBy(
            () -> plan(model, new ThresholdRule("tensor:b", 0.25, false, false, false, false)))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("selects nothing");
  }

  /** The decoder of the published file counts 415,921 of 1,244,448, biases left out. */
  @Test
  void weightsOfDeepCompressedSqueezeNetAreAsPublished() {
    try (ModelFile model = ModelFile.open(SharedModels.find("squeezenet_dc/squeezenet_dc.onnx"))) {
      long[] weights = new long[2];
      long[] biases = new long[2];
      for (Layer layer : Layers.of(model).all()) {
        layer.weights().forEach(w -> add(model, w, weights));
        layer.biases().forEach(w -> add(model, w, biases));
      }
      assertThat(weights).containsExactly(1_244_448, 415_921);
      assertThat(biases).containsExactly(3_976, 3_976);
    }
  }

  private static void add(ModelFile model, Weight weight, long[] counts) {
    Initializer i = weight.initializer().orElseThrow();
    counts[0] += i.elements();
    model
        .data(i)
        .forEachChunk(
            chunk -> {
              while (chunk.hasRemaining()) {
                counts[1] += chunk.getFloat() == 0 ? 0 : 1;
              }
            });
  }

  private static float[] same(float value, int n) {
    float[] all = new float[n];
    java.util.Arrays.fill(all, value);
    return all;
  }

  /** y = x w with w = ((0.5, -2), (-0.5, 1)) as int8. */
  private static ModelBuilder dequantized() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 1, 2)
        .initializer(Tensors.raw("q", ElementType.INT8, new byte[] {4, -1, 2, 5}, 2, 2))
        .initializer("s", new float[] {0.5f})
        .initializer(Tensors.raw("z", ElementType.INT8, new byte[] {3}))
        .node("DequantizeLinear", List.of("q", "s", "z"), List.of("w"), "dq")
        .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
        .output("y", ElementType.FLOAT, 1, 2);
  }

  private static ModelBuilder embedding() {
    return ModelBuilder.model(13)
        .input("ids", ElementType.INT64, 2)
        .initializer("table", W, 2, 2)
        .node("Gather", List.of("table", "ids"), List.of("y"), "words/Gather")
        .output("y", ElementType.FLOAT, 2, 2);
  }

  /** y = x w, twice, the second time by the weight itself. */
  private static ModelBuilder shared(boolean throughTranspose) {
    ModelBuilder model =
        ModelBuilder.model(13).input("x", ElementType.FLOAT, 1, 2).initializer("w", W, 2, 2);
    String read = "w";
    if (throughTranspose) {
      model.node("Transpose", List.of("w"), List.of("wt"), "t", Nodes.integers("perm", 1, 0));
      read = "wt";
    }
    return model
        .node("MatMul", List.of("x", read), List.of("a"), "one")
        .node("MatMul", List.of("x", read), List.of("b"), "two")
        .output("a", ElementType.FLOAT, 1, 2)
        .output("b", ElementType.FLOAT, 1, 2);
  }

  private static Rewrite plan(ModelBuilder model, ThresholdRule... rules) {
    Rules all = new Rules(List.of(rules), List.of(), List.of(), Map.of());
    return new Rewriter(all, false, false).plan(model.toModel("m"));
  }

  private static Tensor ones() {
    return Tensor.floats(new float[] {1, 1}, 1, 2);
  }

  private static Map<String, Tensor> run(Rewrite rewrite) {
    return Ort.run(rewrite.edit().toBytes(), Map.of("x", ones()));
  }

  private static int nodes(Rewrite rewrite) {
    try (ModelFile m = ModelFile.of("r", rewrite.edit().toBytes())) {
      return m.graph().nodes().size();
    }
  }

  private static byte[] baked(ModelBuilder model, double t, boolean orEqual) {
    Rewrite r = plan(model, new ThresholdRule("fc", t, orEqual, false, true));
    try (ModelFile m = ModelFile.of("r", r.edit().toBytes())) {
      ByteBuffer values = m.data(m.graph().initializers().get("w")).toBuffer();
      byte[] bytes = new byte[values.remaining()];
      values.get(bytes);
      return bytes;
    }
  }
}
