package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.experiments.train.sweep.Sweep;
import io.sparsescope.experiments.train.sweep.SweepListener;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import io.sparsescope.experiments.train.sweep.SweepValues;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepTest {
  private static final List<Double> VALUES = List.of(0.0, 0.01, 0.1, 1e6);
  private static final int STEPS = 40;

  @TempDir Path data;
  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void nameAFolderThatIsNotThere() {
    folder = temporary.resolve("a/b");
  }

  private TrainingSetup setup(int steps) {
    return new Perceptron(5, 60)
        .setup(data, Perceptron.options("momentum:0.9", "0.1", 16, steps), 0, 0.01);
  }

  private static SparseGradients threshold(double value, boolean residual) {
    Rule rule = Rule.of("**", "sparse," + value, false, false, false, false);
    return new SparseGradients(Rules.NONE.withGradients(List.of(rule)), residual);
  }

  private TrainingSeries alone(SparseGradients sparse, Path model) {
    try (Trainer trainer = new Trainer(setup(STEPS).with(sparse), TrainListener.NONE)) {
      TrainingSeries series = trainer.run().series();
      trainer.write(model);
      return series;
    }
  }

  /** Which runs were kept and which took steps. */
  private static final class Log implements SweepListener {
    final List<Double> kept = new ArrayList<>();
    final List<String> notices = new ArrayList<>();
    long steps;
    long all;

    @Override
    public void kept(double value) {
      kept.add(value);
    }

    @Override
    public void notice(double value, String text) {
      notices.add(value + ": " + text);
    }

    @Override
    public void step(long done, long of) {
      steps = Math.max(steps, done);
      all = of;
    }
  }

  private SweepResult sweep(int steps, boolean residual, Log log) {
    return new Sweep(setup(steps), VALUES, residual, folder, log).run(2);
  }

  @Test
  void eachRunIsTheOneThatTrainingByItselfDoes() throws IOException {
    Log log = new Log();
    SweepResult result = sweep(STEPS, false, log);
    assertThat(log.steps).isEqualTo(4 * STEPS);
    assertThat(log.all).isEqualTo(4 * STEPS);
    assertThat(result.runs()).extracting(SweepRun::value).isEqualTo(VALUES);
    for (SweepRun run : result.runs()) {
      SparseGradients sparse =
          run.value() == 0 ? SparseGradients.NONE : threshold(run.value(), false);
      TrainingSeries expected = alone(sparse, data.resolve("alone.onnx"));
      TrainingSeries series = TrainingSeries.read(folder.resolve(run.series()));
      assertThat(series).isEqualTo(expected.withBaseline(result.baselineAccuracy()));
      assertThat(run.accuracy()).isEqualTo(expected.finalAccuracy());
      assertThat(run.steps()).isEqualTo(STEPS);
      Path model = folder.resolve("gradient-threshold-" + run.value() + ".onnx");
      assertThat(model).hasSameBinaryContentAs(data.resolve("alone.onnx"));
      // The last tenth of 40 steps.
      double sum = 0;
      for (int i = 36; i < 40; i++) {
        sum += series.total().get(i);
      }
      assertThat(run.gradientSparsity()).isEqualTo(sum / 4);
    }
    SweepRun dense = result.runs().get(0);
    assertThat(result.baselineAccuracy()).isEqualTo(dense.accuracy());
    assertThat(dense.relativeAccuracy()).isEqualTo(1);
    assertThat(result.runs().get(3).gradientSparsity()).isEqualTo(1);
    assertThat(result.runs().get(3).relativeAccuracy())
        .isEqualTo(result.runs().get(3).accuracy() / dense.accuracy())
        .isLessThan(0.9);
    assertThat(result.runs().get(1).gradientSparsity())
        .isGreaterThan(dense.gradientSparsity())
        .isLessThan(result.runs().get(2).gradientSparsity());
    assertThat(SweepResult.read(folder.resolve("sweep.json"))).isEqualTo(result);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("sweep.json").toFile());
    assertThat(json.get("format").asText()).isEqualTo("sparsescope-sweep");
    assertThat(json.at("/runs/3/gradientSparsity").asDouble()).isEqualTo(1);
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.contains("checkpoint")))
          .isEmpty();
    }
  }

  @Test
  void finishedRunsAreKeptAndHalfOnesGoneOnWith() throws IOException {
    SweepResult whole = sweep(STEPS, true, new Log());
    // As if the second run had been interrupted behind 15 steps, and the last had not begun.
    Files.delete(folder.resolve("gradient-threshold-0.01.json"));
    Files.delete(folder.resolve("gradient-threshold-1000000.0.json"));
    Path checkpoint = folder.resolve("gradient-threshold-0.01.checkpoint");
    TrainingSetup half = setup(15).with(threshold(0.01, true)).resuming(checkpoint);
    try (Trainer trainer = new Trainer(half, TrainListener.NONE)) {
      trainer.run();
    }
    Log log = new Log();
    assertThat(sweep(STEPS, true, log)).isEqualTo(whole);
    assertThat(log.kept).containsExactlyInAnyOrder(0.0, 0.1);
    assertThat(log.notices).containsExactly("0.01: going on behind step 15");
    assertThat(TrainingSeries.read(folder.resolve("gradient-threshold-0.01.json")).gradients())
        .isEqualTo(alone(threshold(0.01, true), data.resolve("m.onnx")).gradients());
  }

  @Test
  void runsOfOtherOptionsAreNotTakenForThese() {
    sweep(3, false, new Log());
    assertThatThrownBy(() -> sweep(4, false, new Log()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("gradient-threshold-0.0.json: is of a training of other options;");
    assertThatThrownBy(() -> sweep(3, true, new Log()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("gradient-threshold-0.01.json: is of a training of other options;");
  }

  @Test
  void aRunThatFailsIsNamedAndTheOthersAreKept() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("gradient-threshold-0.01.json"), "{");
    assertThatThrownBy(() -> sweep(3, false, new Log()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageStartingWith("threshold 0.01: ")
        .hasMessageContaining("no JSON, or cut off");
    assertThat(folder.resolve("gradient-threshold-1000000.0.json")).exists();
  }

  @Test
  void rulesOfTheSetupGoBeforeTheSweptOne() {
    Rule own = Rule.of("fc0", "sparse,1e6", false, false, false, false);
    TrainingSetup setup =
        setup(3).with(new SparseGradients(Rules.NONE.withGradients(List.of(own)), false));
    new Sweep(setup, List.of(0.0, 0.001), false, folder, SweepListener.NONE).run(1);
    TrainingSeries series = TrainingSeries.read(folder.resolve("gradient-threshold-0.001.json"));
    assertThat(series.gradientSparsity().get("fc0").get(2)).isEqualTo(1);
    assertThat(series.gradientSparsity().get("fc1").get(2)).isLessThan(1);
  }

  @Test
  void withoutTestDataThereIsNothingToTell() {
    TrainingSetup s = setup(3);
    TrainingSetup untested =
        new TrainingSetup(
            s.net(),
            s.model(),
            s.gradients(),
            s.data(),
            Optional.empty(),
            s.options(),
            s.checkpoint(),
            false);
    assertThatThrownBy(() -> new Sweep(untested, VALUES, false, folder, SweepListener.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessage("--sweep tells accuracies: name the records to measure them on with --test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gradient-threshold=0,1e-5,..,1e-2 | [0.0, 1.0E-5, 1.0E-4, 0.001, 0.01]",
        "gradient-threshold=1e-2, 0, 1e-2,-0 | [0.0, 0.01]",
        "gradient-threshold=2e-4,..,1e-2,0.5 | [2.0E-4, 0.002, 0.01, 0.5]",
        "gradient-threshold=log:1e-5:1e-2:4 | [0.0, 1.0E-5, 1.0E-4, 0.001, 0.01]",
        "gradient-threshold=linear:0:1:3 | [0.0, 0.5, 1.0]",
        "gradient-threshold=pow2:1:0.25 | [0.0, 0.25, 0.5, 1.0]",
      })
  void valuesAreListsAndGrids(String text, String values) {
    assertThat(SweepValues.parse(text)).hasToString(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lr=1 | gradient-threshold can be swept: write gradient-threshold=0,1e-5,..,1e-2",
        "gradient-threshold | gradient-threshold can be swept: write"
            + " gradient-threshold=0,1e-5,..,1e-2",
        "gradient-threshold=0,x | 'x' is no number",
        "gradient-threshold=0,-1 | '-1': a threshold is finite and not negative",
        "gradient-threshold=0,..,1 | two dots stand between a number above 0 and a higher one",
        "gradient-threshold=1,.. | two dots stand between two numbers",
        "gradient-threshold=..,1 | two dots stand between two numbers",
        "gradient-threshold=quantile:4 | quantiles are of weights: write log:FROM:TO:STEPS",
      })
  void whatIsNoListIsToldSo(String text, String why) {
    assertThatThrownBy(() -> SweepValues.parse(text))
        .isInstanceOf(ExperimentException.class)
        .hasMessage("--sweep " + text + ": " + why);
  }
}
