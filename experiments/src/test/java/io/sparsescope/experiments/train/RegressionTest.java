package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.experiments.train.sweep.Sweep;
import io.sparsescope.experiments.train.sweep.SweepListener;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.gradient.Loss;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learning targets that are no classes: y = x W + b, beside plain loops in double. */
class RegressionTest {
  private static final int RECORDS = 40;
  private static final int IN = 2;
  private static final int OUT = 3;

  private final double[][] x = new double[RECORDS][IN];
  private final double[][] t = new double[RECORDS][OUT];
  private final float[] w = {0.1f, -0.2f, 0.3f, 0.4f, 0.5f, -0.6f};
  private final float[] b = {0, 0.1f, -0.1f};

  @TempDir private Path folder;

  @BeforeEach
  void writeArrays() throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    ByteBuffer xs = Perceptron.buffer(4 * RECORDS * IN);
    ByteBuffer ts = Perceptron.buffer(4 * RECORDS * OUT);
    for (int r = 0; r < RECORDS; r++) {
      for (int i = 0; i < IN; i++) {
        x[r][i] = (float) random.nextDouble(-1, 1);
        xs.putFloat((float) x[r][i]);
      }
      for (int o = 0; o < OUT; o++) {
        t[r][o] = (float) (x[r][0] - o * x[r][1] + 0.5);
        ts.putFloat((float) t[r][o]);
      }
    }
    Perceptron.npy(folder.resolve("x.npy"), "<f4", RECORDS + ", " + IN, xs);
    Perceptron.npy(folder.resolve("t.npy"), "<f4", RECORDS + ", " + OUT, ts);
  }

  private ModelFile model() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, IN)
        .output("y", ElementType.FLOAT, -1, OUT)
        .initializer("w", w, IN, OUT)
        .initializer("b", b, OUT)
        .node("Gemm", List.of("x", "w", "b"), List.of("y"), "fc")
        .toModel("linear");
  }

  private TrainingSetup setup(String targets, Loss loss, long steps) {
    ModelFile model = model();
    RecordSet data =
        DataSpec.parse("npy:" + folder.resolve("x.npy") + "," + folder.resolve(targets))
            .readAll(InputSpec.of(model), DataOptions.NONE, OptionalLong.empty());
    return new TrainingSetup(
        "linear",
        model,
        Perceptron.gradients(model, loss, 0, 0),
        data,
        Optional.of(data),
        Perceptron.options("sgd", "0.2", RECORDS, steps),
        Optional.empty(),
        false);
  }

  @Test
  void doesWhatPlainLoopsDo() {
    int steps = 8;
    double[] losses;
    TrainResult result;
    Path out = folder.resolve("out.onnx");
    try (TrainingSetup setup = setup("t.npy", Loss.MEAN_SQUARED_ERROR, steps);
        Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      result = trainer.run();
      losses = result.series().loss().toArray();
      trainer.write(out);
    }
    double[] p = new double[IN * OUT + OUT];
    for (int i = 0; i < p.length; i++) {
      p[i] = i < w.length ? w[i] : b[i - w.length];
    }
    for (int s = 0; s < steps; s++) {
      double[] g = new double[p.length];
      assertThat(losses[s]).isCloseTo(error(p, g), within(1e-6));
      for (int i = 0; i < p.length; i++) {
        p[i] -= 0.2 * g[i];
      }
    }
    try (ModelFile model = ModelFile.open(out)) {
      ByteBuffer trained = ByteBuffer.allocate(4 * p.length).order(ByteOrder.LITTLE_ENDIAN);
      for (String name : List.of("w", "b")) {
        Initializer initializer = model.graph().initializers().get(name);
        model.data(initializer).forEachChunk(trained::put);
      }
      trained.flip();
      for (double value : p) {
        assertThat((double) trained.getFloat()).isCloseTo(value, within(1e-6));
      }
    }
    TestScore score = result.test().orElseThrow();
    assertThat(score.accuracy()).isEmpty();
    assertThat(score.squaredError().orElseThrow())
        .isCloseTo(error(p, new double[p.length]), within(1e-6));
    assertThat(score.text()).startsWith("squared error 0.");
    assertThat(result.series().accuracy().size()).isZero();
  }

  /** The mean over all values of (y - t)^2, and its gradient. */
  private double error(double[] p, double[] gradient) {
    double sum = 0;
    for (int r = 0; r < RECORDS; r++) {
      for (int o = 0; o < OUT; o++) {
        double difference = p[IN * OUT + o] - t[r][o];
        for (int i = 0; i < IN; i++) {
          difference += x[r][i] * p[i * OUT + o];
        }
        sum += difference * difference;
        double slope = 2 * difference / (RECORDS * OUT);
        gradient[IN * OUT + o] += slope;
        for (int i = 0; i < IN; i++) {
          gradient[i * OUT + o] += slope * x[r][i];
        }
      }
    }
    return sum / (RECORDS * OUT);
  }

  @Test
  void saysWhatDoesNotFit() throws IOException {
    try (TrainingSetup setup = setup("t.npy", Loss.SOFTMAX_CROSS_ENTROPY, 1);
        Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining(
              "x.npy: comes with targets that are no classes; use --loss squared");
    }
    try (TrainingSetup setup = setup("x.npy", Loss.MEAN_SQUARED_ERROR, 1);
        Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining(
              "targets have the shape [2] a record, but the model's output y has");
    }
    try (TrainingSetup setup = setup("t.npy", Loss.MEAN_SQUARED_ERROR, 1)) {
      assertThatThrownBy(
              () -> new Sweep(setup, List.of(0.0), false, folder, new SweepListener() {}))
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining("--sweep tells accuracies");
    }
  }
}
