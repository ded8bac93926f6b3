package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.SharedData;
import io.sparsescope.experiments.evaluate.Evaluation;
import io.sparsescope.experiments.evaluate.Evaluator;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.experiments.search.ThresholdSearchTest.Settings;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches in trained models. */
class RealSearchTest {
  private static final int IMAGES = 150;

  @TempDir Path folder;

  @Test
  void theRewrittenFileIsAsGoodAsReportedToTheLastImage() {
    Optional<Path> mnist = SharedData.find("models/mnist_cntk/mnist.onnx");
    Optional<Path> data = SharedData.find("data/mnist");
    assumeTrue(mnist.isPresent() && data.isPresent());
    Path rules = folder.resolve("rules.yaml");
    Path sparse = folder.resolve("sparse.onnx");
    SearchResult result;
    try (ModelFile model = ModelFile.open(mnist.get())) {
      SearchResult plain = search(model, data.get(), true).result();
      ThresholdSearch.Found found = search(model, data.get(), false);
      result = found.result();
      assertThat(result.layers()).isEqualTo(plain.layers());
      assertThat(result.accuracy()).isEqualTo(plain.accuracy());
      found.rules().write(rules);
      new Rewriter(Rules.read(rules), false, true).plan(model).edit().writeTo(sparse);
    }
    assertThat(result.layers()).hasSize(3);
    assertThat(result.total().zeros()).isGreaterThan(result.total().denseZeros());

    try (ModelFile model = ModelFile.open(sparse);
        DataSource images = images(model, data.get())) {
      Evaluator.Options options =
          new Evaluator.Options(1, OptionalLong.of(IMAGES), 1, Optional.empty());
      Evaluation evaluation =
          new Evaluator(
                  model, new ModelEdit(model), Optional.empty(), List.of(Metrics.TOP_1), options)
              .run(images, Progress.NONE);
      assertThat(evaluation.results().get(0).mean()).isEqualTo(result.accuracy());
    }
  }

  /** The decoder of Deep Compression's file counts 415,921 of 1,244,448 weights that are not 0. */
  @Test
  void aModelThatIsSparseAlreadyStartsFromThere() {
    Optional<Path> squeezenet = SharedData.find("models/squeezenet_dc/squeezenet_dc.onnx");
    assumeTrue(squeezenet.isPresent());
    try (ModelFile model = ModelFile.open(squeezenet.get())) {
      SearchSpace space = SearchSpace.of(model, On.WEIGHTS, By.LAYER, Map.of(), Optional.empty());
      long elements = 0;
      long zeros = 0;
      for (SearchUnit unit : space.units()) {
        elements += unit.elements();
        zeros += WeightValues.zeros(model, unit, List.of(0.0), false)[0];
      }
      assertThat(space.skipped()).isEmpty();
      assertThat(elements).isEqualTo(1_244_448);
      assertThat(elements - zeros).isEqualTo(415_921);
    }
  }

  private static ThresholdSearch.Found search(ModelFile model, Path folder, boolean exhaustive) {
    SearchOptions options =
        new Settings()
            .grid("linear:0.05:0.2:4")
            .tolerance(0.01)
            .limit(IMAGES)
            .exhaustive(exhaustive)
            .joint(JointMode.REPAIR)
            .options();
    try (DataSource images = images(model, folder)) {
      return new ThresholdSearch(model, options, SearchProgress.NONE)
          .run(images, "mnist", Optional.empty(), false);
    }
  }

  private static DataSource images(ModelFile model, Path folder) {
    return DataSpec.parse("idx:" + folder).open(InputSpec.of(model), DataOptions.NONE);
  }
}
