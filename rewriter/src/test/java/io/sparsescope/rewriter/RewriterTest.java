package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewriterTest {
  private static final Map<String, Tensor> X =
      Map.of("x", Tensor.floats(new float[] {-1, 0.25f, 0, 3}, 1, 4));

  @Test
  void nothingMatchedLeavesTheModelAsItIs() {
    ModelBuilder model = relus("a", "b");
    Rules rules = new Rules(List.of(), List.of(rule("none", 1)), List.of("no*"), Map.of());
    Rewrite r = new Rewriter(rules, true, true).plan(model.toModel("m"));
    assertThat(r.edit().isEmpty()).isTrue();
    assertThat(r.edit().toBytes()).isEqualTo(model.toBytes());
  }

  @Test
  void aRuleThatSelectsNothingNamesNearMisses() {
    Rules rules = new Rules(List.of(), List.of(), List.of("block1/relu_a", "relu_2"), Map.of());
    assertThatThrownBy(() -> plan(relus("relu_1", "other"), rules))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith(
            "pattern \"block1/relu_a\" in taps selects nothing in model m: did you mean \"relu_1\"");
  }

  @Test
  void theFirstMatchingRuleWins() {
    Rules rules = new Rules(List.of(), List.of(rule("a", 1), rule("**", 2)), List.of(), Map.of());
    assertThat(plan(relus("a", "b"), rules).thresholds())
        .extracting(Threshold::node, Threshold::value)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", 1.0),
            org.assertj.core.groups.Tuple.tuple("b", 2.0));
  }

  @Test
  void metadataSaysWhatWasDone() throws IOException {
    Rules rules = new Rules(List.of(), List.of(rule("a", 0.5)), List.of("b"), Map.of());
    byte[] bytes = plan(relus("a", "b"), rules).edit().toBytes();
    try (ModelFile m = ModelFile.of("r", bytes)) {
      assertThat(m.metadata()).containsKey("sparsescope.version");
      JsonNode json = new ObjectMapper().readTree(m.metadata().get("sparsescope.rewrite"));
      assertThat(json.at("/taps/0/tensor").asText()).isEqualTo("b_out");
      assertThat(json.at("/taps/0/row").asInt()).isZero();
      assertThat(json.at("/thresholds/0/value").asDouble()).isEqualTo(0.5);
      assertThat(json.at("/skipped").size()).isZero();
    }
  }

  @Test
  void aRewrittenModelCanBeThresholdedAgainAndTappedOnce() {
    Rules threshold = new Rules(List.of(), List.of(rule("a", 0.5)), List.of(), Map.of());
    byte[] once = plan(relus("a", "b"), threshold).edit().toBytes();
    // The tensor a_out is now what the inserted Where makes.
    Rules again =
        new Rules(List.of(), List.of(rule("tensor:a_out", 4)), List.of("tensor:a_out"), Map.of());
    Rewrite r = new Rewriter(again, false, true).plan(ModelFile.of("m", once));
    Map<String, Tensor> out = Ort.run(r.edit().toBytes(), X);
    assertThat(Ort.counts(out)).containsExactly(List.of(4L, 4L, 0L));
    Rules tap = new Rules(List.of(), List.of(), List.of("b"), Map.of());
    assertThatThrownBy(
            () -> new Rewriter(tap, false, true).plan(ModelFile.of("m", r.edit().toBytes())))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model m has taps already (output sparsescope/counts): add taps to the model that it"
                + " was made from");
  }

  @Test
  void layersOfARewrittenModelEndBehindItsThresholds() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 4)
            .initializer("w", new float[16], 4, 4)
            .node("MatMul", List.of("x", "w"), List.of("f"), "fc")
            .node("Relu", List.of("f"), List.of("r"), "relu")
            .node("Softmax", List.of("r"), List.of("y"), "softmax")
            .output("y", ElementType.FLOAT, 1, 4);
    Rules rules = new Rules(List.of(), List.of(rule("layer:*", 0.5)), List.of(), Map.of());
    byte[] once = plan(model, rules).edit().toBytes();
    Rules tap = new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());
    Rewrite r = new Rewriter(tap, false, true).plan(ModelFile.of("m", once));
    assertThat(r.taps()).extracting(Tap::tensor).containsExactly("r");
    assertThat(r.taps()).extracting(Tap::layer).containsExactly("fc");
  }

  @Test
  void integersBecomeOutputsWithTheirZeroPoint() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 4)
            .initializer("s", new float[] {0.5f})
            .initializer(Tensors.raw("z", ElementType.UINT8, new byte[] {(byte) 200}))
            .node("QuantizeLinear", List.of("x", "s", "z"), List.of("q"), "quant")
            .node("Flatten", List.of("q"), List.of("f"), "flat")
            .node("DequantizeLinear", List.of("f", "s", "z"), List.of("y"), "dequant")
            .node("Shape", List.of("x"), List.of("dims"), "shape")
            .output("y", ElementType.FLOAT, 1, 4)
            .output("dims", ElementType.INT64, 2);
    Rules rules =
        new Rules(List.of(), List.of(), List.of("quant", "flat", "shape", "dequant"), Map.of());
    Rewrite r = plan(model, rules);
    Map<String, Tap> taps = new LinkedHashMap<>();
    r.taps().forEach(t -> taps.put(t.node(), t));
    assertThat(taps.keySet()).containsExactly("dequant", "quant", "flat", "shape");
    assertThat(taps.get("quant").zeroPoint()).isEqualTo(200);
    assertThat(taps.get("flat").zeroPoint()).isEqualTo(200);
    assertThat(taps.get("quant").type()).isEqualTo(ElementType.UINT8);
    assertThat(taps.get("shape").output()).isEqualTo("dims");
    assertThat(taps.get("quant").countedInGraph()).isFalse();
    Map<String, Tensor> out = Ort.run(r.edit().toBytes(), X);
    byte[] q = out.get(taps.get("quant").output()).values().array();
    // -1 / 0.5 + 200, 0.25 / 0.5 to even, 0, 3 / 0.5.
    assertThat(q).containsExactly((byte) 198, (byte) 200, (byte) 200, (byte) 206);
    assertThat(Ort.counts(out)).containsExactly(List.of(4L, 2L, 0L));
  }

  @Test
  void dynamicZeroPointsAreSkippedByName() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 4)
            .node("DynamicQuantizeLinear", List.of("x"), List.of("q", "s", "z"), "quant")
            .node("DequantizeLinear", List.of("q", "s", "z"), List.of("y"), "dequant")
            .output("y", ElementType.FLOAT, 1, 4);
    Rules rules = new Rules(List.of(), List.of(), List.of("quant"), Map.of());
    assertThat(plan(model, rules).skipped())
        .containsExactly(
            new Skip("quant", "q", "its zero point is not one value known before the run"));
  }

  @Test
  void nodesInSubgraphsAndFunctionsAreSkippedByName() {
    ModelBuilder branch =
        ModelBuilder.model(13)
            .node("Relu", List.of("x"), List.of("inner_out"), "inner")
            .output("inner_out", ElementType.FLOAT, 1, 4);
    FunctionProto function =
        FunctionProto.newBuilder()
            .setDomain("local")
            .setName("Twice")
            .addInput("a")
            .addOutput("b")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
            .addNode(Nodes.node("Relu", List.of("a"), List.of("b"), "body"))
            .build();
    ModelBuilder model =
        ModelBuilder.model(13)
            .importing("local", 1)
            .input("x", ElementType.FLOAT, 1, 4)
            .input("c", ElementType.BOOL)
            .function(function)
            .node(
                "If",
                List.of("c"),
                List.of("i"),
                "choice",
                Nodes.graph("then_branch", branch.graph()),
                Nodes.graph("else_branch", branch.graph()))
            .node(Nodes.node("local", "Twice", List.of("i"), List.of("y"), "call"))
            .output("y", ElementType.FLOAT, 1, 4);
    Rules rules = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
    assertThat(plan(model, rules).skipped())
        .containsExactly(
            new Skip("choice/then_branch/inner", "inner_out", "it is in a subgraph of node choice"),
            new Skip("choice/else_branch/inner", "inner_out", "it is in a subgraph of node choice"),
            new Skip("Twice/body", "b", "it is in a local function"));
  }

  @Test
  void constantsAreNoActivations() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 4)
            .node(Nodes.constant(Tensors.floats("k", new float[] {1}, 1), "constant"))
            .node("Add", List.of("x", "k"), List.of("y"), "add")
            .output("y", ElementType.FLOAT, 1, 4);
    Rules rules = new Rules(List.of(), List.of(rule("**", 1)), List.of("**"), Map.of());
    Rewrite r = plan(model, rules);
    assertThat(r.taps()).extracting(Tap::node).containsExactly("add");
    assertThat(r.skipped()).contains(new Skip("constant", "k", "it is constant, no activation"));
  }

  @Test
  void blocksComeFromPatternsOrFromScopes() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 4)
            .initializer("w", new float[16], 4, 4)
            .node("MatMul", List.of("x", "w"), List.of("a"), "/net/b1/fc1/MatMul")
            .node("MatMul", List.of("a", "w"), List.of("b"), "/net/b1/fc2/MatMul")
            .node("MatMul", List.of("b", "w"), List.of("y"), "/net/b2/fc/MatMul")
            .output("y", ElementType.FLOAT, 1, 4);
    Rules scopes = new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());
    Rewrite r = plan(model, scopes);
    assertThat(r.blocks()).isEqualTo(Map.of("b1", List.of("net/b1/fc1", "net/b1/fc2")));
    assertThat(r.taps()).extracting(Tap::block).containsExactly("b1", "b1", "");
    Rules named =
        new Rules(List.of(), List.of(), List.of("layer:*"), Map.of("tail", "layer:net/**/fc"));
    assertThat(plan(model, named).blocks()).isEqualTo(Map.of("tail", List.of("net/b2/fc")));
    assertThat(plan(model, named).taps()).extracting(Tap::block).containsExactly("", "", "tail");
  }

  @Test
  void embeddingsDoNotChangeTheNamesOfOtherBlocks() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("i", ElementType.INT64, 1)
            .input("j", ElementType.INT64, 1)
            .initializer("w", new float[16], 4, 4)
            .node("Gather", List.of("w", "i"), List.of("a"), "/emb/words/Gather")
            .node("Gather", List.of("w", "j"), List.of("b"), "/emb/types/Gather")
            .node("Add", List.of("a", "b"), List.of("c"), "/emb/Add")
            .node("MatMul", List.of("c", "w"), List.of("d"), "/net/b1/fc1/MatMul")
            .node("MatMul", List.of("d", "w"), List.of("e"), "/net/b1/fc2/MatMul")
            .node("MatMul", List.of("e", "w"), List.of("y"), "/net/b2/fc/MatMul")
            .output("y", ElementType.FLOAT, 1, 4);
    Rewrite r = plan(model, new Rules(List.of(), List.of(), List.of("layer:*"), Map.of()));
    assertThat(r.blocks())
        .isEqualTo(
            Map.of(
                "emb",
                List.of("emb/words", "emb/types"),
                "b1",
                List.of("net/b1/fc1", "net/b1/fc2")));
    assertThat(r.taps()).extracting(Tap::tensor).containsExactly("d", "e", "y");
  }

  @Test
  void floatsBelowOpset7AreLeftToTheReader() {
    ModelBuilder model =
        ModelBuilder.model(6)
            .irVersion(3)
            .input("x", ElementType.FLOAT, 1, 4)
            .node("Relu", List.of("x"), List.of("y"), "relu")
            .output("y", ElementType.FLOAT, 1, 4);
    Rules rules = new Rules(List.of(), List.of(rule("relu", 1)), List.of("relu"), Map.of());
    Rewrite r = plan(model, rules);
    assertThat(r.taps()).extracting(Tap::output).containsExactly("y");
    assertThat(r.skipped())
        .containsExactly(
            new Skip("relu", "y", "opset 6 is too old for a threshold, which needs 7"));
  }

  private static ThresholdRule rule(String match, double t) {
    return new ThresholdRule(match, t, false, false, false);
  }

  private static Rewrite plan(ModelBuilder model, Rules rules) {
    return new Rewriter(rules, false, true).plan(model.toModel("m"));
  }

  /** Two ReLUs, one behind the other. */
  private static ModelBuilder relus(String first, String second) {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 1, 4)
        .node("Relu", List.of("x"), List.of("a_out"), first)
        .node("Relu", List.of("a_out"), List.of("b_out"), second)
        .output("b_out", ElementType.FLOAT, 1, 4);
  }
}
