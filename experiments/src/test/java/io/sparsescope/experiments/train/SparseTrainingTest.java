package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.experiments.train.series.DoubleSeries;
import io.sparsescope.experiments.train.series.LongSeries;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.gradient.Differentiator;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with rules on gradients, against plain loops in double. */
class SparseTrainingTest {
  private static final int RECORDS = 24;
  private static final int STEPS = 12;
  private static final double RATE = 0.3;
  private static final double MOMENTUM = 0.5;
  private static final double L2 = 0.01;

  @TempDir Path folder;

  private static Rule threshold(String match, double t) {
    return Rule.of(match, "sparse," + t, false, false, false, false);
  }

  private static SparseGradients sparse(boolean residual, Rule... rules) {
    return new SparseGradients(Rules.NONE.withGradients(List.of(rules)), residual);
  }

  private TrainingSetup setup(SparseGradients sparse, int steps) {
    TrainOptions options =
        Perceptron.options("momentum:" + MOMENTUM, String.valueOf(RATE), RECORDS, steps);
    return new Perceptron(3, RECORDS).setup(folder, options, 0, L2).with(sparse);
  }

  private TrainResult train(TrainingSetup setup, String name) {
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      TrainResult result = trainer.run();
      trainer.write(folder.resolve(name));
      return result;
    }
  }

  private float[][] trained(String name) {
    try (ModelFile model = ModelFile.open(folder.resolve(name))) {
      return Perceptron.parameters(model);
    }
  }

  /** Thresholds and residuals as loops, and what they count. */
  private static final class Loop implements Perceptron.Filter {
    private final double threshold;
    private final boolean residual;
    private final double[][] kept = new double[4][];
    final long[][] zeros = new long[4][STEPS];
    double nearest = Double.MAX_VALUE;

    Loop(double threshold, boolean residual) {
      this.threshold = threshold;
      this.residual = residual;
    }

    @Override
    public void apply(int step, int parameter, double[] g) {
      if (kept[parameter] == null) {
        kept[parameter] = new double[g.length];
      }
      for (int i = 0; i < g.length; i++) {
        double sum = g[i] + kept[parameter][i];
        nearest = Math.min(nearest, Math.abs(Math.abs(sum) - threshold));
        boolean cut = Math.abs(sum) < threshold;
        zeros[parameter][step] += cut || sum == 0 ? 1 : 0;
        kept[parameter][i] = residual && cut ? sum : 0;
        g[i] = cut ? 0 : sum;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsAndParametersAreThoseOfLoops(boolean residual) {
    double t = 0.02;
    Loop loop = new Loop(t, residual);
    Perceptron net = new Perceptron(3, RECORDS);
    double[] losses = net.descend(STEPS, RATE, MOMENTUM, 0, L2, loop);
    // Else float32 might decide otherwise than double.
    assertThat(loop.nearest).isGreaterThan(1e-6);

    TrainResult result = train(setup(sparse(residual, threshold("**", t)), STEPS), "m.onnx");

    TrainingSeries series = result.series();
    assertThat(series.gradients())
        .extracting(g -> g.parameter() + " " + g.layer() + " " + g.elements())
        .containsExactly(
            "fc0/weights fc0 24", "fc0/biases fc0 6", "fc1/weights fc1 18", "fc1/biases fc1 3");
    for (int i = 0; i < 4; i++) {
      assertThat(series.gradients().get(i).zeros()).isEqualTo(LongSeries.of(loop.zeros[i]));
    }
    assertThat(series.total().toArray()).contains(total(loop, 0), total(loop, STEPS - 1));
    assertThat(total(loop, STEPS - 1)).isBetween(0.1, 0.99);
    for (int s = 0; s < STEPS; s++) {
      assertThat(series.loss().get(s)).isCloseTo(losses[s], within(1e-5));
    }
    float[][] is = trained("m.onnx");
    for (int i = 0; i < 4; i++) {
      assertThat(is[i]).containsExactly(net.parameters()[i], within(1e-5f));
    }
  }

  private static double total(Loop loop, int step) {
    long zeros = 0;
    for (long[] of : loop.zeros) {
      zeros += of[step];
    }
    return zeros / 51.0;
  }

  @Test
  void zerosBeforeAThresholdAreCountedApart() {
    Loop dense = new Loop(0, false);
    new Perceptron(3, RECORDS).descend(1, RATE, MOMENTUM, 0, L2, dense);
    Loop cut = new Loop(0.05, false);
    new Perceptron(3, RECORDS).descend(1, RATE, MOMENTUM, 0, L2, cut);
    TrainingSeries series =
        train(setup(sparse(false, threshold("fc1", 0.05)), 1), "m.onnx").series();
    for (int i = 0; i < 4; i++) {
      assertThat(series.gradients().get(i).zerosBefore().get(0)).isEqualTo(dense.zeros[i][0]);
      assertThat(series.gradients().get(i).zeros().get(0))
          .isEqualTo(i < 2 ? dense.zeros[i][0] : cut.zeros[i][0]);
    }
    assertThat(cut.zeros[2][0]).isGreaterThan(dense.zeros[2][0]);
  }

  @Test
  void countingChangesNothing() {
    train(setup(SparseGradients.NONE, 5), "counted.onnx");
    TrainingSetup every = setup(SparseGradients.NONE, 5);
    TrainOptions o = every.options();
    TrainOptions never =
        new TrainOptions(
            o.optimizer(),
            o.schedule(),
            o.batch(),
            o.epochs(),
            o.steps(),
            o.evaluateEvery(),
            1000,
            o.seed(),
            o.threads(),
            o.augmentation());
    TrainingSetup uncounted =
        new TrainingSetup(
            every.net(),
            every.model(),
            every.gradients(),
            every.data(),
            every.test(),
            never,
            every.checkpoint(),
            false);
    TrainResult result = train(uncounted, "uncounted.onnx");
    assertThat(result.series().steps().size()).isZero();
    assertThat(trained("uncounted.onnx")).isDeepEqualTo(trained("counted.onnx"));
  }

  @Test
  void aThresholdThatCutsEverythingLeavesTheNetAsItWas() {
    TrainResult result = train(setup(sparse(false, threshold("**", 1e6)), STEPS), "m.onnx");
    assertThat(trained("m.onnx")).isDeepEqualTo(new Perceptron(3, RECORDS).parameters());
    double[] ones = new double[STEPS];
    Arrays.fill(ones, 1);
    assertThat(result.series().total()).isEqualTo(DoubleSeries.of(ones));
    assertThat(result.series().bytes().index().get(0)).isZero();
  }

  @Test
  void topKKeepsSoManyOfEachParameter() {
    Rule rule = Rule.of("**/weights", "topk,5", false, false, false, false);
    TrainingSeries series = train(setup(sparse(false, rule), 3), "m.onnx").series();
    assertThat(series.gradients().get(0).zeros()).isEqualTo(LongSeries.of(19, 19, 19));
    assertThat(series.gradients().get(2).zeros()).isEqualTo(LongSeries.of(13, 13, 13));
  }

  /** Of images that lie with the batch innermost, too, a record's elements belong together. */
  @Test
  void topKBetweenKeepsSoManyOfEachRecord() {
    Differentiator differentiator = new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY));
    SparseGradients two =
        sparse(false, Rule.of("gradient:a", "topk,2", false, false, false, false));
    ModelFile model = convolution();
    Gradients innermost = differentiator.batchInnermost().differentiate(model);
    assertThat(innermost.batchInnermost()).contains("gradient:a");

    train(ofImages(model, differentiator.differentiate(model), two), "plain.onnx");
    train(ofImages(model, innermost, two), "innermost.onnx");
    train(ofImages(model, innermost, SparseGradients.NONE), "all.onnx");

    float[] kernel = kernel("plain.onnx");
    assertThat(kernel("innermost.onnx")).containsExactly(kernel, within(1e-6f));
    assertThat(Math.abs(kernel("all.onnx")[0] - kernel[0])).isGreaterThan(1e-4f);
  }

  private float[] kernel(String name) {
    try (ModelFile model = ModelFile.open(folder.resolve(name))) {
      return Perceptron.values(model, "conv/weights");
    }
  }

  /** The perceptron's records as images of 2x2. */
  private static ModelFile convolution() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, Perceptron.IN)
        .initializer("images", new long[] {-1, 1, 2, 2}, 4)
        .initializer("conv/weights", new float[] {0.5f, -0.25f, 0.125f, 0.75f}, 2, 1, 1, 2)
        .initializer("point/weights", new float[] {1, 0.5f, -1, 1}, 2, 2, 1, 1)
        .initializer("fc/weights", new float[] {1, 2, -1, 0.5f, 1, -2, 1, 1, -1, 2, 0.5f, 1}, 4, 3)
        .node("Reshape", List.of("x", "images"), List.of("i"), "images/Reshape")
        .node("Conv", List.of("i", "conv/weights"), List.of("a"), "conv/Conv")
        .node("Tanh", List.of("a"), List.of("h"), "conv/Tanh")
        .node("Conv", List.of("h", "point/weights"), List.of("p"), "point/Conv")
        .node("Flatten", List.of("p"), List.of("f"), "fc/Flatten")
        .node("MatMul", List.of("f", "fc/weights"), List.of("logits"), "fc/MatMul")
        .output("logits", ElementType.FLOAT, -1, 3)
        .toModel("convolution");
  }

  private TrainingSetup ofImages(ModelFile model, Gradients gradients, SparseGradients sparse) {
    RecordSet records = new Perceptron(3, RECORDS).records(folder);
    TrainOptions options = Perceptron.options("momentum:0.5", "0.1", RECORDS, 3);
    return new TrainingSetup(
            "net", model, gradients, records, Optional.empty(), options, Optional.empty(), false)
        .with(sparse);
  }

  @Test
  void anInterruptedRunGoesOnToTheSameBits() {
    SparseGradients sparse = sparse(true, threshold("fc0", 0.02), threshold("**", 0.1));
    TrainResult whole = train(setup(sparse, STEPS), "whole.onnx");
    Path checkpoint = folder.resolve("run.checkpoint");
    train(setup(sparse, 5).resuming(checkpoint), "half.onnx");
    TrainResult resumed = train(setup(sparse, STEPS).resuming(checkpoint), "resumed.onnx");
    assertThat(trained("resumed.onnx")).isDeepEqualTo(trained("whole.onnx"));
    assertThat(resumed.series().gradients()).isEqualTo(whole.series().gradients());
    assertThat(resumed.series().loss()).isEqualTo(whole.series().loss());

    assertThatThrownBy(
            () ->
                new Trainer(
                    setup(sparse(true, threshold("**", 0.1)), STEPS).resuming(checkpoint),
                    TrainListener.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining(
            "is of a training with another gradient rules (fc0 < 0.02; ** < 0.1, now ** < 0.1)");
  }

  @Test
  void blocksComeFromTheRules() {
    Rules rules = new Rules(List.of(), List.of(), List.of(), Map.of("body", "fc0", "head", "fc1"));
    TrainingSeries series = train(setup(new SparseGradients(rules, false), 1), "m.onnx").series();
    assertThat(series.blockSparsity()).containsOnlyKeys("body", "head");
    assertThat(series.gradientSparsity()).containsOnlyKeys("fc0", "fc1");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(
            () -> new Trainer(setup(sparse(false, threshold("conv1", 1)), 1), TrainListener.NONE))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith("pattern \"conv1\" in gradients selects nothing in model step: did")
        .hasMessageContaining("\"fc");
    assertThatThrownBy(() -> new SparseGradients(Rules.NONE, true))
        .isInstanceOf(ExperimentException.class)
        .hasMessageStartingWith("--residual has nothing to add up");
    Rules weights = new Rules(List.of(threshold("**", 1)), List.of(), List.of(), Map.of());
    assertThatThrownBy(() -> new SparseGradients(weights, false))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("are not for training");
  }
}
