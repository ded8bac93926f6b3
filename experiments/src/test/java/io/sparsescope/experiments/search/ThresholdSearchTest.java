package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.evaluate.Interval;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThresholdSearchTest {
  /** In sixteenths, so that some of the weights, which are in eighths, tie. */
  private static final List<Double> GRID =
      List.of(1.5, 1.3125, 1.125, 0.9375, 0.75, 0.5625, 0.375, 0.1875);

  private static final String GRID_TEXT = "linear:0.1875:1.5:8";

  @TempDir Path folder;

  @Test
  void weightsAgreeWithPlainLoops() {
    int found = 0;
    for (int seed = 0; seed < 12; seed++) {
      Perceptron net = new Perceptron(seed, 60);
      boolean orEqual = seed % 2 == 1;
      double tolerance = seed % 3 * 0.05;
      for (boolean exhaustive : new boolean[] {true, false}) {
        SearchResult result =
            run(
                net,
                new Settings()
                    .on(On.WEIGHTS)
                    .le(orEqual)
                    .tolerance(tolerance)
                    .exhaustive(exhaustive));
        double[] joint = new double[3];
        for (int l = 0; l < 3; l++) {
          double[] alone = new double[3];
          alone[l] = joint[l] = highest(net, On.WEIGHTS, l, tolerance, orEqual);
          LayerResult layer = result.layers().get(l);
          assertThat(layer.threshold()).as("seed %s, layer %s", seed, l).isEqualTo(joint[l]);
          assertThat(layer.accuracyAlone())
              .isEqualTo(net.right(alone, new double[3], orEqual) / 60.0);
          assertThat(layer.elements()).isEqualTo(net.weights[l].length);
          assertThat(layer.zeros()).isEqualTo(net.zeros(l, joint[l], orEqual));
          assertThat(layer.denseZeros()).isEqualTo(net.zeros(l, 0, false));
          found += joint[l] > 0 ? 1 : 0;
        }
        assertThat(result.baselineAccuracy())
            .isEqualTo(net.right(new double[3], new double[3], false) / 60.0);
        assertThat(result.accuracy()).isEqualTo(net.right(joint, new double[3], orEqual) / 60.0);
        assertThat(result.evaluations().exhaustive()).isEqualTo(3 * 8 * 60);
        assertThat(result.evaluations().samples())
            .isLessThanOrEqualTo(result.evaluations().exhaustive());
      }
    }
    // Otherwise this would have shown little.
    assertThat(found).isBetween(20, 68);
  }

  @Test
  void activationsAgreeWithPlainLoops() {
    int found = 0;
    for (int seed = 20; seed < 28; seed++) {
      Perceptron net = new Perceptron(seed, 60);
      boolean orEqual = seed % 2 == 1;
      SearchResult result = run(net, new Settings().on(On.ACTIVATIONS).le(orEqual).tolerance(0.05));
      double[] joint = new double[3];
      for (int l = 0; l < 2; l++) {
        joint[l] = highest(net, On.ACTIVATIONS, l, 0.05, orEqual);
      }
      assertThat(result.layers()).extracting(LayerResult::layer).containsExactly("a", "b");
      for (int l = 0; l < 2; l++) {
        LayerResult layer = result.layers().get(l);
        assertThat(layer.threshold()).as("seed %s, layer %s", seed, l).isEqualTo(joint[l]);
        assertThat(layer.elements()).isEqualTo(60L * Perceptron.WIDTHS[l + 1]);
        assertThat(layer.zeros()).isEqualTo(net.activationZeros(l, joint, orEqual));
        assertThat(layer.denseZeros()).isEqualTo(net.activationZeros(l, new double[3], false));
        found += joint[l] > 0 ? 1 : 0;
      }
      assertThat(result.accuracy()).isEqualTo(net.right(new double[3], joint, orEqual) / 60.0);
      assertThat(result.skipped())
          .containsExactly(new SearchSpace.Skipped("c", "y", "it is an output of the model"));
    }
    assertThat(found).isBetween(4, 15);
  }

  @Test
  void theRulesDoWhatTheResultSays() {
    Perceptron net = new Perceptron(3, 60);
    ThresholdSearch.Found found =
        new ThresholdSearch(
                net.model(), new Settings().tolerance(0.1).options(), SearchProgress.NONE)
            .run(net.records(), "made up", Optional.empty(), false);
    Path file = folder.resolve("rules.yaml");
    found.rules().write(file);

    assertThat(io.sparsescope.rewriter.rules.Rules.read(file)).isEqualTo(found.rules());
    assertThat(found.rules().weights())
        .extracting(rule -> ((ThresholdRule) rule).threshold())
        .containsExactlyElementsOf(
            found.result().layers().stream()
                .map(LayerResult::threshold)
                .filter(threshold -> threshold > 0)
                .toList());
  }

  @Test
  void validationKeepsItsRecordsOutOfTheChoice() {
    Perceptron net = new Perceptron(5, 100);
    Settings settings = new Settings().tolerance(0.05).validate(0.4);
    SearchResult result = run(net, settings);

    assertThat(result.samples()).isEqualTo(60);
    assertThat(result.validation().samples()).isEqualTo(40);
    double all = net.right(new double[3], new double[3], false);
    assertThat(result.baselineAccuracy() * 60 + result.validation().baselineAccuracy() * 40)
        .isCloseTo(all, org.assertj.core.api.Assertions.within(1e-9));
    double[] joint = result.layers().stream().mapToDouble(LayerResult::threshold).toArray();
    double right = net.right(joint, new double[3], false);
    assertThat(result.accuracy() * 60 + result.validation().accuracy() * 40)
        .isCloseTo(right, org.assertj.core.api.Assertions.within(1e-9));
    assertThat(result.validation().interval())
        .isEqualTo(Interval.wilson(Math.round(result.validation().accuracy() * 40), 40));
    assertThat(run(net, settings)).isEqualTo(result);
    assertThat(run(net, settings.seed(9)).validation()).isNotEqualTo(result.validation());

    assertThatThrownBy(() -> run(net, new Settings().validate(0.001)))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void anInterruptedSearchGoesOnAndFindsTheSame() {
    Perceptron net = new Perceptron(7, 60);
    SearchOptions options = new Settings().tolerance(0.1).exhaustive(true).options();
    Path rules = folder.resolve("rules.yaml");
    Path state = ThresholdSearch.stateFileOf(rules);
    ModelFile model = net.model();
    SearchResult whole =
        new ThresholdSearch(model, options, SearchProgress.NONE)
            .run(net.records(), "made up", Optional.empty(), false)
            .result();

    assertThatThrownBy(
            () ->
                new ThresholdSearch(model, options, step -> stopAt(step, "b, "))
                    .run(net.records(), "made up", Optional.of(state), false))
        .isInstanceOf(Killed.class);
    assertThat(state).exists();

    assertThatThrownBy(() -> resumed(net, options, state, false, SearchProgress.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContainingAll("unfinished search of 1", "--resume");
    assertThatThrownBy(
            () ->
                resumed(
                    net, new Settings().tolerance(0.2).options(), state, true, SearchProgress.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("other options");
    assertThatThrownBy(
            () -> resumed(new Perceptron(8, 60), options, state, true, SearchProgress.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("another model");

    // Would be stopped if it ran the first layer again.
    assertThat(resumed(net, options, state, true, step -> stopAt(step, "a, "))).isEqualTo(whole);
    ThresholdSearch.forget(state);
    assertThat(state).doesNotExist();
  }

  @Test
  void aDamagedStateIsSaidInOneLine() throws Exception {
    Path state = Files.writeString(folder.resolve("x.state.json"), "{\"format\":");
    Perceptron net = new Perceptron(7, 10);
    assertThatThrownBy(
            () -> resumed(net, new Settings().options(), state, true, SearchProgress.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("delete it and search anew");
  }

  @Test
  void labelsAreAskedForWhereTheMetricNeedsThem() {
    Perceptron net = new Perceptron(7, 10);
    Records unlabelled = new Records(net.inputs, new int[0]);
    SearchOptions top = new Settings().metric("top-1").options();
    assertThatThrownBy(
            () ->
                new ThresholdSearch(net.model(), top, SearchProgress.NONE)
                    .run(unlabelled, "made up", Optional.empty(), false))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no labels");

    SearchResult agreement =
        new ThresholdSearch(net.model(), new Settings().options(), SearchProgress.NONE)
            .run(new Records(net.inputs, new int[0]), "made up", Optional.empty(), false)
            .result();
    assertThat(agreement.metric()).isEqualTo("agreement");
    assertThat(agreement.baselineAccuracy()).isEqualTo(1);
  }

  /** A kill in the middle. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static void stopAt(SearchProgress.Step step, String beginning) {
    if (step.doing().startsWith(beginning)) {
      throw new Killed();
    }
  }

  private static SearchResult resumed(
      Perceptron net, SearchOptions options, Path state, boolean resume, SearchProgress progress) {
    return new ThresholdSearch(net.model(), options, progress)
        .run(net.records(), "made up", Optional.of(state), resume)
        .result();
  }

  private static SearchResult run(Perceptron net, Settings settings) {
    return new ThresholdSearch(net.model(), settings.options(), SearchProgress.NONE)
        .run(net.records(), "made up", Optional.empty(), false)
        .result();
  }

  /** The answer by trying all, in integers. */
  private static double highest(
      Perceptron net, On on, int layer, double tolerance, boolean orEqual) {
    int dense = net.right(new double[3], new double[3], false);
    for (double threshold : GRID) {
      double[] alone = new double[3];
      alone[layer] = threshold;
      int right =
          on == On.WEIGHTS
              ? net.right(alone, new double[3], orEqual)
              : net.right(new double[3], alone, orEqual);
      if (right * 100 >= (100 - Math.round(tolerance * 100)) * dense) {
        return threshold;
      }
    }
    return 0;
  }

  /** Options, one after the other. */
  static final class Settings {
    private On on = On.WEIGHTS;
    private boolean le;
    private double tolerance;
    private boolean exhaustive;
    private double validate;
    private long seed;
    private JointMode joint = JointMode.REPORT;
    private String grid = GRID_TEXT;
    private String metric = "";
    private Choice choice = Choice.ALL;

    Settings on(On value) {
      on = value;
      return this;
    }

    Settings le(boolean value) {
      le = value;
      return this;
    }

    Settings tolerance(double value) {
      tolerance = value;
      return this;
    }

    Settings exhaustive(boolean value) {
      exhaustive = value;
      return this;
    }

    Settings validate(double value) {
      validate = value;
      return this;
    }

    Settings seed(long value) {
      seed = value;
      return this;
    }

    Settings joint(JointMode value) {
      joint = value;
      return this;
    }

    Settings grid(String value) {
      grid = value;
      return this;
    }

    Settings limit(int value) {
      choice = Choice.first(value);
      return this;
    }

    Settings metric(String value) {
      metric = value;
      return this;
    }

    SearchOptions options() {
      return new SearchOptions(
          on,
          By.LAYER,
          le,
          Grid.parse(grid),
          Optional.empty(),
          Optional.of(metric)
              .filter(name -> !name.isEmpty())
              .map(io.sparsescope.experiments.evaluate.Metrics::parse),
          tolerance,
          choice,
          validate,
          joint,
          Map.of(),
          Optional.empty(),
          7,
          seed,
          2,
          1 << 22,
          exhaustive);
    }
  }
}
