package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExhaustiveSearchTest {
  /** One layer: y0 = 4 x0 + 1 x2, y1 = 3 x1 + 2 x2. */
  private static final float[] W = {4, 0, 0, 3, 1, 2};

  /**
   * Two records lean on the small weights. With the 1 gone (t = 1.5) y0 of the third falls from 5
   * to 4, below y1 = 4.5; with the 2 gone as well (t = 2.5) y1 falls to 0.5 and it is right again.
   */
  private static final float[][] X = {{1, 0, 0}, {0, 1, 0}, {1, 1 / 6f, 2}};

  private static final int[] LABELS = {0, 1, 0};

  @Test
  void accuracyNeedNotFallWithTheThreshold() {
    // dense: third is y0 = 4 + 2 = 6, y1 = 0.5 + 4 = 4.5: right. t = 1.5: 4 to 4.5: wrong.
    // t = 2.5: 4 to 0.5: right. t = 3.5: y1 is 0, so the second is 0 to 0, first index: wrong.
    assertThat(find(List.of(3.5, 2.5, 1.5, 0.5), 0)).isEqualTo(new UnitResult("fc", 2.5, 3, 12));
    assertThat(find(List.of(3.5, 1.5, 0.5), 0)).isEqualTo(new UnitResult("fc", 0.5, 3, 9));
    assertThat(find(List.of(3.5, 1.5), 0)).isEqualTo(new UnitResult("fc", 0, 3, 6));
  }

  @Test
  void aToleranceLetsRecordsGo() {
    // Two of three are 66.7 %, which even no weights at all reach: 0 to 0 is the first class.
    assertThat(find(List.of(5.0, 3.5, 2.5), 0.34)).isEqualTo(new UnitResult("fc", 5, 2, 9));
    assertThat(find(List.of(5.0, 3.5, 2.5), 0.33)).isEqualTo(new UnitResult("fc", 2.5, 3, 9));
  }

  private static UnitResult find(List<Double> grid, double tolerance) {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .output("y", ElementType.FLOAT, -1, 2)
            .initializer("w", W, 3, 2)
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .toModel("net");
    SearchUnit unit =
        SearchSpace.of(model, On.WEIGHTS, By.LAYER, Map.of(), Optional.empty()).units().get(0);
    SampleSet samples =
        SampleSet.read(model, new Records(X, LABELS), Choice.ALL, 1 << 20, Progress.NONE);
    try (Evaluation evaluation = new Evaluation(model, Metrics.TOP_1, 2, 2)) {
      evaluation.dense(samples, records -> {});
    }
    assertThat(samples.denseSum()).isEqualTo(3);
    Target target = Target.of(samples.denseSum(), samples.size(), tolerance);
    SearchSetup setup =
        new SearchSetup(model, samples, Metrics.TOP_1, target, false, 2, 2, 1 << 20);
    try (ExhaustiveSearch search = new ExhaustiveSearch(setup)) {
      return search.search(unit, grid, UnitProgress.NONE);
    }
  }
}
