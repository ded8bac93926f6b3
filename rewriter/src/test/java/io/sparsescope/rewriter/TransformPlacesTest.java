package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.TransformRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transforms on weights, activations and inside layers. */
class TransformPlacesTest {
  private static final List<String> SPECS =
      List.of(
          "nearest,8,6",
          "zero,8,6",
          "down,8,6",
          "stochastic,8,6",
          "stochastic,8,6,7",
          "logarithmic",
          "half",
          "binary,0.5",
          "ternary,0.5,0.1",
          "ternary,0.5",
          "topk,7",
          "topk,0.3",
          "nm,2,4",
          "nm,1,3",
          "none");

  static Stream<Arguments> baked() {
    return Stream.of(11, 13, 22)
        .flatMap(
            opset ->
                Stream.of(
                        ElementType.FLOAT,
                        ElementType.DOUBLE,
                        ElementType.FLOAT16,
                        ElementType.BFLOAT16)
                    // ONNX has bfloat16 from opset 13 on.
                    .filter(t -> t != ElementType.BFLOAT16 || opset >= 13)
                    .flatMap(t -> SPECS.stream().map(s -> Arguments.of(s, t, opset))));
  }

  /** The weights of a convolution, read from the model as its node sees them. */
  @ParameterizedTest(name = "{0} {1} opset {2}")
  @MethodSource("baked")
  void bakesWhatTheNodesCompute(String spec, ElementType type, int opset) {
    long[] shape = {6, 10, 3, 3};
    byte[] raw = weights(type, 540);
    ModelBuilder model =
        ModelBuilder.model(opset)
            .initializer(Tensors.raw("w", type, raw, shape))
            .node("Conv", List.of("x", "w"), List.of("y"), "conv")
            .input("x", type, 1, 10, 3, 3)
            .output("y", type, 1, 6, 1, 1);
    Rewrite nodes = plan(model, weight("conv", spec, false));
    Rewrite bake = plan(model, weight("conv", spec, true));
    assertThat(bake.skipped()).isEmpty();
    assertThat(nodes.skipped()).isEmpty();
    assertThat(bake.transformations())
        .containsExactly(new Transformation("conv", "w", "weight", canonical(spec), true));
    byte[] stored = initializer(bake, "w");
    // Written twice, the values are the same: nothing is counted from one writing to the next.
    assertThat(initializer(bake, "w")).isEqualTo(stored);
    if (spec.equals("none")) {
      assertThat(stored).isEqualTo(raw);
      assertThat(nodes.edit().toBytes().length).isGreaterThan(0);
      return;
    }
    // These halves and bfloat16s are halves already.
    assertThat(Arrays.equals(stored, raw)).isEqualTo(spec.equals("half") && type.bits() == 16);
    assertThat(stored).isEqualTo(computed(nodes));
  }

  @Test
  void twoOfFourAreKeptAlongInputChannels() {
    // Conv [2, 4, 1, 1]; Gemm [4, 2], and transposed [2, 4]: the same values per output.
    float[] rows = {1, -4, 3, 2, 5, 5, 5, -6};
    float[] kept = {0, -4, 3, 0, 5, 0, 0, -6};
    float[] columns = {1, 5, -4, 5, 3, 5, 2, -6};
    float[] keptColumns = {0, 5, -4, 0, 3, 0, 0, -6};
    assertThat(bakedFloats("Conv", rows, 2, 4, 1, 1)).isEqualTo(kept);
    assertThat(bakedFloats("Gemm", columns, 4, 2)).isEqualTo(keptColumns);
    assertThat(bakedFloats("MatMul", columns, 4, 2)).isEqualTo(keptColumns);
  }

  @Test
  void theLastGroupOfNToMIsShorter() {
    float[] x = {1, 2, 3, 4, /* short: */ 7, 5, /* next row */ 4, 3, 2, 1, 0, -1};
    assertThat(activation("nm,2,4", x, 2, 6)).containsExactly(0, 0, 3, 4, 7, 5, 4, 3, 0, 0, 0, -1);
    assertThat(activation("nm,1,2,0", x, 2, 6)).containsExactly(0, 0, 3, 4, 7, 5, 4, 3, 0, 0, 0, 0);
    assertThat(activation("nm,1,2,-2", x, 2, 6))
        .containsExactly(0, 0, 3, 4, 7, 5, 4, 3, 0, 0, 0, 0);
  }

  @Test
  void topKKeepsTheFirstOfEqualMagnitudesInEachRecord() {
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {2, -3, 3, -3, 1, 0, /* next */ nan, -inf, inf, 5, nan, -0.0f};
    assertThat(activation("topk,2", x, 2, 6))
        .containsExactly(0, -3, 3, 0, 0, 0, nan, -inf, 0, 0, nan, 0);
    // A half of 3 is 1.5, which is 2.
    assertThat(activation("topk,0.5", new float[] {1, 2, 3, 6, 5, 4}, 2, 3))
        .containsExactly(0, 2, 3, 6, 5, 0);
    assertThat(activation("topk,9", x, 2, 6)).containsExactly(x);
    assertThat(activation("topk,0.01", new float[] {1, 2, 3, 6, 5, 4}, 1, 6))
        .containsExactly(0, 0, 0, 6, 0, 0);
    // A list is one record.
    assertThat(activation("topk,1", new float[] {1, 2, 3}, 3)).containsExactly(0, 0, 3);
  }

  @Test
  void automaticTernaryTakesTheMeanOfEachRecord() {
    // Means 10 and 1: thresholds 7 and 0.7.
    float[] x = {20, -7, 7.5f, 5.5f, /* next */ -3, 0.7f, 0.2f, 0.1f};
    assertThat(activation("ternary,2", x, 2, 4)).containsExactly(2, 0, 2, 0, -2, 0, 0, 0);
    assertThat(activation("ternary,2", x, 1, 8)).containsExactly(2, -2, 2, 2, 0, 0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"topk,7", "topk,0.5", "ternary,1", "stochastic,8,2", "nm,2,4"})
  void tensorsWithoutElementsAreNoTrouble(String spec) {
    assertThat(activation(spec, new float[0], 0, 4)).isEmpty();
    assertThat(activation(spec, new float[0], 4, 0)).isEmpty();
    assertThat(activation(spec, new float[0], 2, 0, 3)).isEmpty();
  }

  @Test
  void insideALayerIsWhatItsNodesProduceButForItsActivation() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", new float[] {1, 0, 0, 1}, 2, 2)
            .initializer("b", new float[] {0.3f, 0.3f}, 2)
            .node("MatMul", List.of("x", "w"), List.of("product"), "fc/MatMul")
            .node("Add", List.of("product", "b"), List.of("sum"), "fc/Add")
            .node("Relu", List.of("sum"), List.of("y"), "fc/Relu")
            .output("y", ElementType.FLOAT, 1, 2);
    Rules rules = Rules.NONE.withIntrinsic(List.of(rule("fc", "down,8,0")));
    Rewrite r = new Rewriter(rules, false, true).plan(model.toModel("m"));
    assertThat(r.transformations())
        .containsExactly(
            new Transformation("fc/MatMul", "product", "intrinsic", "down,8,0", false),
            new Transformation("fc/Add", "sum", "intrinsic", "down,8,0", false));
    // 1.75 becomes 1, 1.3 becomes 1; -0.5 becomes -1, -0.7 becomes -1 and then 0.
    assertThat(run(r, new float[] {1.75f, -0.5f}, 1, 2)).containsExactly(1, 0);
  }

  @Test
  void whatAnActivationRuleHasIsNotTransformedAgainInside() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", new float[] {1, 0, 0, 1}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("product"), "fc")
            .node("Relu", List.of("product"), List.of("y"), "relu")
            .output("y", ElementType.FLOAT, 1, 2);
    Rules rules =
        new Rules(List.of(), List.of(rule("fc", "down,8,0")), List.of(), Map.of())
            .and(Rules.NONE.withIntrinsic(List.of(rule("fc", "binary,1"))));
    Rewrite r = new Rewriter(rules, false, true).plan(model.toModel("m"));
    assertThat(r.skipped())
        .containsExactly(new Skip("fc", "product", "an activation rule has it already"));
    assertThat(run(r, new float[] {1.5f, -3}, 1, 2)).containsExactly(1, 0);
  }

  @Test
  void noneSparesWhatALaterRuleWouldMatch() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 2)
            .node("Identity", List.of("x"), List.of("a"), "one")
            .node("Identity", List.of("a"), List.of("y"), "two")
            .output("a", ElementType.FLOAT, 2)
            .output("y", ElementType.FLOAT, 2);
    Rules rules =
        new Rules(
            List.of(), List.of(rule("one", "none"), rule("**", "down,8,0")), List.of(), Map.of());
    Rewrite r = new Rewriter(rules, false, true).plan(model.toModel("m"));
    Map<String, Tensor> out =
        Ort.run(r.edit().toBytes(), Map.of("x", Tensor.floats(new float[] {0.5f, 1.5f}, 2)));
    assertThat(out.get("a").floats()).containsExactly(0.5f, 1.5f);
    assertThat(out.get("y").floats()).containsExactly(0, 1);
    assertThat(r.transformations())
        .extracting(Transformation::transform)
        .containsExactly("none", "down,8,0");
  }

  @Test
  void weightsAreFoundBehindTransformsOfAnEarlierRewrite() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", new float[] {1, 2, 3, 4}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, 1, 2);
    Rewrite first = plan(model, weight("fc", "ternary,1", false));
    try (ModelFile m = ModelFile.of("m", first.edit().toBytes())) {
      assertThat(io.sparsescope.rewriter.match.Layers.of(m).all().get(0).weights().get(0).name())
          .isEqualTo("w");
    }
  }

  @Test
  void tellsInTheMetadataWhatWasDone() {
    Rewrite r = plan(one(13), List.of(rule("n", "nearest,16,8")));
    try (ModelFile m = ModelFile.of("m", r.edit().toBytes())) {
      assertThat(m.metadata().get(Rewriter.REWRITE_KEY))
          .contains(
              "\"transforms\":[{\"node\":\"n\",\"tensor\":\"y\",\"kind\":\"activation\","
                  + "\"transform\":\"nearest,16,8\",\"baked\":false}]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "8 | nearest,16,8 | opset 8 is too old for nearest,16,8, which needs 9",
        "10 | stochastic,16,8 | opset 10 is too old for stochastic,16,8, which needs 11",
        "10 | topk,3 | opset 10 is too old for topk,3, which needs 11",
        "10 | nm,2,4 | opset 10 is too old for nm,2,4, which needs 11",
        "13 | nm,2,4,1 | it has 1 dimensions, nm,2,4,1 asks for number 1",
      })
  void saysWhatTheModelCannotHave(int opset, String spec, String reason) {
    Rewrite r = plan(one(opset), List.of(rule("n", spec)));
    assertThat(r.skipped()).containsExactly(new Skip("n", "y", reason));
    assertThat(r.transformations()).isEmpty();
  }

  @Test
  void oldModelsCanHaveTheirWeightsBaked() {
    ModelBuilder model =
        ModelBuilder.model(7)
            .irVersion(3)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", new float[] {1.25f, 2, 3, 4}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, 1, 2);
    assertThat(plan(model, weight("fc", "down,8,0", false)).skipped())
        .extracting(Skip::reason)
        .containsExactly(
            "opset 7 is too old for down,8,0, which needs 9: bake it, which needs no operators");
    assertThat(run(plan(model, weight("fc", "down,8,0", true)), new float[] {1, 0}, 1, 2))
        .containsExactly(1, 2);
    assertThat(run(plan(model, weight("fc", "half", false)), new float[] {1, 0}, 1, 2))
        .containsExactly(1.25f, 2);
  }

  @Test
  void oneWeightIsNotBakedTwoWays() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2)
            .initializer("w", new float[] {1, 2, 3, 4}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("a"), "one")
            .node("MatMul", List.of("x", "w"), List.of("b"), "two")
            .output("a", ElementType.FLOAT, 1, 2)
            .output("b", ElementType.FLOAT, 1, 2);
    assertThatThrownBy(() -> plan(model, weight("one", "half", true), weight("two", "none", true)))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model m: weight w is to be baked with half for node one and otherwise for node two:"
                + " give both the same transform, or leave out bake");
    Rewrite same = plan(model, weight("**", "binary,1", true));
    assertThat(same.transformations()).hasSize(2);
  }

  private static float[] bakedFloats(String op, float[] w, long... shape) {
    long channels = op.equals("Conv") ? shape[1] : shape[0];
    long[] in = op.equals("Conv") ? new long[] {1, channels, 1, 1} : new long[] {1, channels};
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, in)
            .initializer("w", w, shape)
            .node(op, List.of("x", "w"), List.of("y"), "n")
            .unshapedOutput("y", ElementType.FLOAT);
    Rewrite baked = plan(model, weight("n", "nm,2,4", true));
    ByteBuffer values = ByteBuffer.wrap(initializer(baked, "w")).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[w.length];
    values.asFloatBuffer().get(floats);
    return floats;
  }

  private static float[] activation(String spec, float[] x, long... shape) {
    long[] dims = shape.clone();
    dims[0] = shape.length == 1 ? shape[0] : -1;
    ModelBuilder model =
        ModelBuilder.model(14)
            .input("x", ElementType.FLOAT, dims)
            .node("Identity", List.of("x"), List.of("y"), "n")
            .output("y", ElementType.FLOAT, dims);
    Rewrite r = plan(model, List.of(rule("n", spec)));
    assertThat(r.skipped()).isEmpty();
    return run(r, x, shape);
  }

  private static float[] run(Rewrite r, float[] x, long... shape) {
    return Ort.run(r.edit().toBytes(), Map.of("x", Tensor.floats(x, shape))).get("y").floats();
  }

  private static ModelBuilder one(int opset) {
    return ModelBuilder.model(opset)
        .input("x", ElementType.FLOAT, -1)
        .node("Identity", List.of("x"), List.of("y"), "n")
        .output("y", ElementType.FLOAT, -1);
  }

  private static Rule rule(String match, String spec) {
    return Rule.of(match, spec, false, false, false, false);
  }

  private static Rule weight(String match, String spec, boolean bake) {
    return Rule.of(match, spec, false, false, bake, false);
  }

  private static String canonical(String spec) {
    return new TransformRule("**", spec, false, false).transform();
  }

  private static Rewrite plan(ModelBuilder model, Rule... weights) {
    Rules rules = new Rules(List.of(weights), List.of(), List.of(), Map.of());
    return new Rewriter(rules, false, true).plan(model.toModel("m"));
  }

  private static Rewrite plan(ModelBuilder model, List<Rule> activations) {
    Rules rules = new Rules(List.of(), activations, List.of(), Map.of());
    return new Rewriter(rules, false, true).plan(model.toModel("m"));
  }

  private static byte[] initializer(Rewrite r, String name) {
    try (ModelFile m = ModelFile.of("m", r.edit().toBytes())) {
      ByteBuffer values = m.data(m.graph().initializers().get(name)).toBuffer();
      byte[] bytes = new byte[values.remaining()];
      values.get(bytes);
      return bytes;
    }
  }

  /** What the nodes between weight and convolution compute, as an output of the model. */
  private static byte[] computed(Rewrite nodes) {
    try (ModelFile m = ModelFile.of("m", nodes.edit().toBytes())) {
      ElementType type = m.graph().initializers().get("w").type();
      io.sparsescope.onnx.ModelEdit edit = new io.sparsescope.onnx.ModelEdit(m);
      edit.append(
          List.of(Nodes.node("Identity", List.of("sparsescope/weight/w"), List.of("seen"), "see")));
      edit.addOutput(ModelBuilder.model(13).output("seen", type, 6, 10, 3, 3).graph().getOutput(0));
      // No kernel convolves 16-bit types: only what lies before it is run.
      io.sparsescope.onnx.proto.ModelProto.Builder model =
          io.sparsescope.onnx.proto.ModelProto.parseFrom(edit.toBytes()).toBuilder();
      var graph = model.getGraphBuilder();
      int conv = -1;
      for (int i = 0; i < graph.getNodeCount(); i++) {
        conv = graph.getNode(i).getOpType().equals("Conv") ? i : conv;
      }
      graph.removeNode(conv).removeOutput(0).clearInput();
      ByteBuffer out = Ort.run(model.build().toByteArray(), Map.of()).get("seen").values();
      byte[] bytes = new byte[out.remaining()];
      out.get(bytes);
      return bytes;
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** Random values with zeros, ties and infinities among them. */
  private static byte[] weights(ElementType type, int count) {
    Random random = new Random(3);
    ByteBuffer b = ByteBuffer.allocate(count * type.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      float x = (float) random.nextGaussian() * 0.4f;
      x = i % 11 == 0 ? 0.25f : i % 13 == 0 ? -0.25f : i % 17 == 0 ? -0.0f : x;
      switch (type) {
        case FLOAT -> b.putFloat(x);
        case DOUBLE -> b.putDouble(x * (1 + 1e-12));
        case BFLOAT16 -> b.putShort((short) (Float.floatToRawIntBits(x) >>> 16));
        default -> b.putShort((short) (random.nextInt(0x3c00) | random.nextInt(2) << 15));
      }
    }
    return b.array();
  }
}
