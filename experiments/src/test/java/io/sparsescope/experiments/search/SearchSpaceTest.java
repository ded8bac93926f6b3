package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Threshold;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {
  private static final String[] AWKWARD = {
    "",
    "a",
    "a/b",
    "/a",
    "a b",
    " a & !b ",
    "x*y?{z,}\\",
    "[0]:(1)+$^|.",
    "tab\there",
    "a/",
    "ä€",
    "re:x",
    "op:Conv",
    "a//b",
    "#5",
    "!a",
    "\\E&\\Q"
  };

  @Test
  void listsLayersWithTheirWeightsInGraphOrder() {
    SearchSpace space = of(net(), On.WEIGHTS, By.LAYER, Map.of("b", "b/**"));

    assertThat(space.units()).extracting(SearchUnit::name).containsExactly("b/one", "b/two", "c");
    assertThat(space.units()).extracting(SearchUnit::elements).containsExactly(6L, 9L, 6L);
    assertThat(space.units()).extracting(SearchUnit::block).containsExactly("b", "b", "");
    assertThat(space.skipped()).isEmpty();
  }

  @Test
  void blocksGatherTheirLayersAndOthersStandAlone() {
    SearchSpace weights = of(net(), On.WEIGHTS, By.BLOCK, Map.of("front", "b/**"));
    assertThat(weights.units()).extracting(SearchUnit::name).containsExactly("front", "c");
    assertThat(weights.units()).extracting(SearchUnit::elements).containsExactly(15L, 6L);
    assertThat(weights.units().get(0).weights()).hasSize(2);

    SearchSpace activations = of(net(), On.ACTIVATIONS, By.BLOCK, Map.of("front", "b/**"));
    assertThat(activations.units()).extracting(SearchUnit::activation).containsExactly("h2");
    assertThat(activations.skipped())
        .containsExactly(new SearchSpace.Skipped("c", "y", "it is an output of the model"));
  }

  @Test
  void aFilterLeavesLayersAlone() {
    SearchSpace space =
        SearchSpace.of(net(), On.WEIGHTS, By.LAYER, Map.of(), Optional.of("layer:b/**"));
    assertThat(space.units()).extracting(SearchUnit::name).containsExactly("b/one", "b/two");

    assertThatThrownBy(
            () -> SearchSpace.of(net(), On.WEIGHTS, By.LAYER, Map.of(), Optional.of("nobody")))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no layer matches nobody");
  }

  @Test
  void patternsSelectExactlyTheirNodesWhateverTheNames() {
    ModelBuilder builder =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .unshapedOutput("out", ElementType.FLOAT);
    String from = "x";
    for (int i = 0; i < AWKWARD.length; i++) {
      builder.initializer("w" + AWKWARD[i], new float[] {1, 2, 3, 4}, 2, 2);
      builder.node(
          "MatMul", List.of(from, "w" + AWKWARD[i]), List.of("m" + AWKWARD[i]), AWKWARD[i]);
      builder.node("Relu", List.of("m" + AWKWARD[i]), List.of("t" + AWKWARD[i]), AWKWARD[i] + "r");
      from = "t" + AWKWARD[i];
    }
    ModelFile model =
        builder.node("Identity", List.of(from), List.of("out"), "last").toModel("names");

    for (On on : On.values()) {
      SearchSpace space = of(model, on, By.LAYER, Map.of());
      assertThat(space.skipped()).isEmpty();
      assertThat(space.units()).hasSize(AWKWARD.length);
      for (int i = 0; i < AWKWARD.length; i++) {
        Rewrite rewrite =
            new Rewriter(space.units().get(i).rules(0.5, false), false, false).plan(model);
        assertThat(rewrite.thresholds())
            .extracting(Threshold::tensor)
            .containsExactly((on == On.WEIGHTS ? "w" : "t") + AWKWARD[i]);
      }
    }
  }

  @Test
  void aSharedWeightBelongsToTheFirstLayerThatReadsIt() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("y", ElementType.FLOAT, -1, 2)
            .initializer("w", new float[] {1, 2, 3, 4}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("a"), "first")
            .node("Relu", List.of("a"), List.of("b"), "relu")
            .node("MatMul", List.of("b", "w"), List.of("y"), "second")
            .toModel("shared");
    SearchSpace space = of(model, On.WEIGHTS, By.LAYER, Map.of());

    assertThat(space.units()).extracting(SearchUnit::name).containsExactly("first");
    assertThat(space.units().get(0).elements()).isEqualTo(4);
    assertThat(space.skipped())
        .containsExactly(new SearchSpace.Skipped("second", "w", "it belongs to layer first"));
    Rewrite rewrite = new Rewriter(space.units().get(0).rules(3, false), false, false).plan(model);
    assertThat(rewrite.thresholds())
        .extracting(Threshold::node)
        .containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void bakesOnlyWhereNobodyElseReadsTheWeight() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("y", ElementType.FLOAT, -1, 2)
            .initializer("w", new float[] {1, 2, 3, 4}, 2, 2)
            .initializer("v", new float[] {1, 2, 3, 4}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("a"), "one")
            .node("MatMul", List.of("a", "v"), List.of("b"), "two")
            .node("ReduceMax", List.of("w"), List.of("max"), "max")
            .node("Mul", List.of("b", "max"), List.of("y"), "mul")
            .toModel("read");
    SearchSpace space = of(model, On.WEIGHTS, By.LAYER, Map.of());

    assertThat(space.units())
        .extracting(unit -> unit.places().get(0).bake())
        .containsExactly(false, true);
  }

  @Test
  void saysWhyALayerHasNoThreshold() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("y", ElementType.FLOAT, -1, 2)
            .initializer("w", new long[] {1, 2, 3, 4}, 2, 2)
            .initializer("v", new float[] {1, 2, 3, 4}, 2, 2)
            .node(
                "Cast",
                List.of("x"),
                List.of("xi"),
                "cast",
                Nodes.integer("to", ElementType.INT64.number()))
            .node("MatMul", List.of("xi", "w"), List.of("a"), "ints")
            .node(
                "Cast",
                List.of("a"),
                List.of("b"),
                "back",
                Nodes.integer("to", ElementType.FLOAT.number()))
            .node("MatMul", List.of("b", "v"), List.of("y"), "floats")
            .toModel("ints");
    SearchSpace space = of(model, On.WEIGHTS, By.LAYER, Map.of());

    assertThat(space.units()).extracting(SearchUnit::name).containsExactly("floats");
    assertThat(space.skipped())
        .containsExactly(
            new SearchSpace.Skipped("ints", "w", "a threshold is for floats, not for int64"));
  }

  private static SearchSpace of(ModelFile model, On on, By by, Map<String, String> blocks) {
    return SearchSpace.of(model, on, by, blocks, Optional.empty());
  }

  private static ModelFile net() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 2)
        .output("y", ElementType.FLOAT, -1, 2)
        .initializer("w1", new float[6], 2, 3)
        .initializer("w2", new float[9], 3, 3)
        .initializer("w3", new float[6], 3, 2)
        .node("MatMul", List.of("x", "w1"), List.of("m1"), "b/one")
        .node("Relu", List.of("m1"), List.of("h1"), "b/r1")
        .node("MatMul", List.of("h1", "w2"), List.of("m2"), "b/two")
        .node("Relu", List.of("m2"), List.of("h2"), "b/r2")
        .node("MatMul", List.of("h2", "w3"), List.of("y"), "c")
        .toModel("net");
  }
}
