package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.search.ThresholdSearchTest.Settings;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JointRepairTest {
  /** Class 0 stands on the 1 of a and the 1 of b: one of them is enough, none is not. */
  private static final float[][] X = {{1, 0.125f, 0}, {0, 1, 0}};

  private static final int[] LABELS = {0, 1};

  /** Dense: y = 2 to 0.5 for the first record, 0 to 4 for the second. */
  private static final float[] A = {1, 0, 0, 2, 1, 1};

  private static final float[] B = {1, 0, 0, 2, 0, 0};

  @Test
  void withoutItTheShortfallIsReported() {
    SearchResult result = run(two(), new Settings().grid("linear:0.5:1.5:2"));
    // The ones of a and of b are gone: 0 to 0.5.
    assertThat(thresholds(result)).containsExactly(1.5, 1.5);
    assertThat(result.accuracy()).isEqualTo(0.5);
    assertThat(result.holds()).isFalse();
  }

  @Test
  void givesBackWhereItCostsLeastSparsity() {
    SearchResult result =
        run(two(), new Settings().grid("linear:0.5:1.5:2").joint(JointMode.REPAIR));
    // From 1.5 to 0.5 a loses three zeros, b one.
    assertThat(thresholds(result)).containsExactly(1.5, 0.5);
    assertThat(result.layers()).extracting(LayerResult::thresholdAlone).containsExactly(1.5, 1.5);
    assertThat(result.layers()).extracting(LayerResult::zeros).containsExactly(5L, 4L);
    assertThat(result.accuracy()).isEqualTo(1);
    assertThat(result.holds()).isTrue();
    // Two records for the joint run; the step down, which holds, first in the order of the margins,
    // then in the plain one; the try to go up, which fails in the first.
    assertThat(result.evaluations().joint()).isBetween(6L, 8L);
  }

  @Test
  void whatWasGivenBackInVainIsTakenAgain() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .output("y", ElementType.FLOAT, -1, 2)
            .initializer("a", A, 3, 2)
            .initializer("b", new float[] {1, 0, 0, 2, 0, 1}, 3, 2)
            // Acts on the input that is always 0.
            .initializer("c", new float[] {0, 0, 0, 0, 1, 2}, 3, 2)
            .node("MatMul", List.of("x", "a"), List.of("xa"), "a")
            .node("MatMul", List.of("x", "b"), List.of("xb"), "b")
            .node("MatMul", List.of("x", "c"), List.of("xc"), "c")
            .node("Add", List.of("xa", "xb"), List.of("ab"), "ab")
            .node("Add", List.of("ab", "xc"), List.of("y"), "abc")
            .toModel("three");
    SearchResult result =
        run(model, new Settings().grid("linear:1.5:1.5:1").joint(JointMode.REPAIR));
    // c loses one zero, b two, a three: c goes first, which does not help, then b, which does.
    assertThat(thresholds(result)).containsExactly(1.5, 0.0, 1.5);
    assertThat(result.accuracy()).isEqualTo(1);
  }

  private static List<Double> thresholds(SearchResult result) {
    return result.layers().stream().map(LayerResult::threshold).toList();
  }

  @Test
  void tellsHowManySetsItHasTried() {
    List<String> told = new ArrayList<>();
    SearchOptions options =
        new Settings().grid("linear:0.5:1.5:2").joint(JointMode.REPAIR).options();
    new ThresholdSearch(two(), options, step -> told.add(step.doing()))
        .run(new Records(X, LABELS), "made up", Optional.empty(), false);
    // One down, which holds, and one up again, which does not.
    assertThat(told)
        .containsSubsequence(
            "giving thresholds back", "giving thresholds back, 1 tried",
            "giving thresholds back, 2 tried", "counting zeros")
        .doesNotContain("giving thresholds back, 3 tried");
  }

  private static SearchResult run(ModelFile model, Settings settings) {
    return new ThresholdSearch(model, settings.options(), SearchProgress.NONE)
        .run(new Records(X, LABELS), "made up", Optional.empty(), false)
        .result();
  }

  private static ModelFile two() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 3)
        .output("y", ElementType.FLOAT, -1, 2)
        .initializer("a", A, 3, 2)
        .initializer("b", B, 3, 2)
        .node("MatMul", List.of("x", "a"), List.of("xa"), "a")
        .node("MatMul", List.of("x", "b"), List.of("xb"), "b")
        .node("Add", List.of("xa", "xb"), List.of("y"), "add")
        .toModel("two");
  }
}
