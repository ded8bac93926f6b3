package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void quantizedWeightsAreSkippedByName() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer(Tensors.raw("q", ElementType.INT8, new byte[4], 2, 2))
            .initializer("s", new float[] {1})
            .node("DequantizeLinear", List.of("q", "s"), List.of("w"), "dq")
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, 1, 2);
    Rewrite r = plan(model, new ThresholdRule("fc", 1, false, false, false));
    assertThat(r.edit().isEmpty()).isTrue();
    assertThat(r.skipped())
        .containsExactly(new Skip("fc", "q", "it is quantized; a threshold is for floats"));
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
