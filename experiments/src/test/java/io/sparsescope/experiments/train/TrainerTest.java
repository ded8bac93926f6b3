package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.gradient.Loss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final int RECORDS = 60;

  @TempDir private Path folder;

  private float[][] train(TrainingSetup setup) {
    Path out = folder.resolve("out.onnx");
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      trainer.run();
      trainer.write(out);
    }
    try (ModelFile model = ModelFile.open(out)) {
      return Perceptron.parameters(model);
    }
  }

  @Test
  void doesWhatPlainLoopsDo() {
    int steps = 12;
    Perceptron net = new Perceptron(3, RECORDS);
    TrainOptions options = Perceptron.options("momentum:0.9", "0.05", RECORDS, steps);
    TrainingSetup setup = net.setup(folder, options, 0.002, 0.01);
    double[] losses;
    Path out = folder.resolve("out.onnx");
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      losses = trainer.run().series().loss().toArray();
      trainer.write(out);
    }
    double[] expected = net.descend(steps, 0.05, 0.9, 0.002, 0.01);
    assertThat(losses).hasSize(steps);
    for (int s = 0; s < steps; s++) {
      assertThat(losses[s]).isCloseTo(expected[s], within(1e-5));
    }
    try (ModelFile model = ModelFile.open(out)) {
      float[][] trained = Perceptron.parameters(model);
      for (int i = 0; i < trained.length; i++) {
        for (int j = 0; j < trained[i].length; j++) {
          assertThat(trained[i][j]).isCloseTo(net.parameters()[i][j], within(2e-6f));
        }
      }
    }
  }

  @Test
  void learnsToTellTheClassesApart() {
    Perceptron net = new Perceptron(5, RECORDS);
    TrainingSetup setup =
        net.setup(folder, Perceptron.options("adam", "cosine:0.05", 16, 80), 0, 0);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      TrainResult result = trainer.run();
      assertThat(result.test().orElseThrow().accuracy().orElseThrow()).isEqualTo(1.0);
      assertThat(result.series().accuracySteps().toArray()).endsWith(80L);
      assertThat(result.loss()).isLessThan(0.2f);
    }
  }

  @Test
  void isTheSameToTheLastBitWhenItIsRunAgain() {
    TrainOptions options = Perceptron.options("momentum:0.9", "0.05", 16, 20);
    float[][] once = train(new Perceptron(5, RECORDS).setup(folder, options, 0, 0.01));
    float[][] again = train(new Perceptron(5, RECORDS).setup(folder, options, 0, 0.01));
    assertThat(again).isDeepEqualTo(once);
  }

  @Test
  void evaluatesWhereAnEpochEnds() {
    List<Long> steps = new ArrayList<>();
    TrainListener listener =
        new TrainListener() {
          @Override
          public void evaluated(long step, double epochs, double loss, Optional<TestScore> test) {
            steps.add(step);
          }
        };
    // 60 records in batches of 16: epochs end within steps 4, 8, 12, 15.
    TrainOptions options = Perceptron.options("sgd", "0.1", 16, 17);
    try (Trainer trainer =
        new Trainer(new Perceptron(5, RECORDS).setup(folder, options, 0, 0), listener)) {
      trainer.run();
    }
    assertThat(steps).containsExactly(4L, 8L, 12L, 15L, 17L);
  }

  @Test
  void learnsFromSquaredErrors() {
    Perceptron net = new Perceptron(5, RECORDS);
    TrainingSetup setup =
        net.setup(folder, Perceptron.options("momentum:0.9", "0.1", 16, 200), 0, 0);
    TrainingSetup squared =
        new TrainingSetup(
            "perceptron",
            setup.model(),
            Perceptron.gradients(setup.model(), Loss.MEAN_SQUARED_ERROR, 0, 0),
            setup.data(),
            setup.test(),
            setup.options(),
            Optional.empty(),
            false);
    try (Trainer trainer = new Trainer(squared, TrainListener.NONE)) {
      TrainResult result = trainer.run();
      assertThat(result.loss()).isLessThan(0.1f);
      assertThat(result.test().orElseThrow().accuracy().orElseThrow()).isGreaterThan(0.95);
    }
  }

  @Test
  void tellsTheRecordWhoseLabelIsBeyondTheClasses() {
    Perceptron net = new Perceptron(5, RECORDS);
    net.labels[41] = 3;
    TrainingSetup setup = net.setup(folder, Perceptron.options("sgd", "0.1", 16, 5), 0, 0);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining("record 41 has label 3")
          .hasMessageContaining("logits has 3 classes, 0 to 2");
    }
  }

  @Test
  void refusesDataWithoutRecords() {
    Perceptron net = new Perceptron(5, 0);
    assertThatThrownBy(() -> net.records(folder)).hasMessageContaining("holds no records");
  }

  @Test
  void namesTheNodeThatMadeNumbersInfinite() {
    Perceptron net = new Perceptron(5, RECORDS);
    Arrays.fill(net.b0, 100);
    Arrays.fill(net.w1, 2e38f);
    TrainingSetup setup = net.setup(folder, Perceptron.options("sgd", "0.1", 16, 5), 0, 0);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessageStartingWith("perceptron: the loss of step 1 is")
          .hasMessageContaining("comes from node fc1/Gemm (Gemm, output logits)");
    }
  }

  @Test
  void namesTheUpdateThatMadeAParameterInfinite() {
    Perceptron net = new Perceptron(5, RECORDS);
    TrainingSetup setup = net.setup(folder, Perceptron.options("sgd", "3e38", 16, 50), 0, 1000);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining(
              "in the step before, the first value that is not finite comes from"
                  + " node update:fc0/weights/next");
    }
  }

  @Test
  void tellsOfInputsThatAreNotFinite() {
    Perceptron net = new Perceptron(5, RECORDS);
    net.x[3][1] = Float.NaN;
    TrainingSetup setup = net.setup(folder, Perceptron.options("sgd", "0.1", RECORDS, 5), 0, 0);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run).hasMessageContaining("its input x was not finite");
    }
  }

  @Test
  void writesTheSeries() throws Exception {
    TrainOptions options =
        new TrainOptions(
            Perceptron.options("sgd", "0.1", 16, 10).optimizer(),
            Schedule.constant(0.1),
            16,
            1,
            OptionalLong.of(10),
            OptionalLong.of(5),
            4,
            7,
            1,
            Augmentation.NONE);
    Path file = folder.resolve("series.json");
    try (Trainer trainer =
        new Trainer(new Perceptron(5, RECORDS).setup(folder, options, 0, 0), TrainListener.NONE)) {
      trainer.run().series().writeTo(file);
    }
    var tree = new ObjectMapper().readTree(Files.readString(file));
    assertThat(tree.get("format").asText()).isEqualTo("sparsescope-training");
    assertThat(tree.get("version").asInt()).isEqualTo(1);
    assertThat(tree.get("net").asText()).isEqualTo("perceptron");
    assertThat(tree.get("steps").toString()).isEqualTo("[4,8]");
    assertThat(tree.get("loss")).hasSize(2);
    assertThat(tree.get("accuracySteps").toString()).isEqualTo("[5,10]");
    assertThat(tree.get("accuracy")).hasSize(2);
    assertThat(tree.get("options").get("--lr").asText()).isEqualTo("0.1");
  }

  @Test
  void leavesTheCallersArithmeticAsItIs() {
    TrainOptions options = Perceptron.options("momentum:0.9", "0.05", 16, 2);
    train(new Perceptron(5, RECORDS).setup(folder, options, 0, 0));
    // Steps take denormal numbers for zero; the thread that asked for them does not.
    assertThat(Float.parseFloat("1e-40") * 0.5f).isEqualTo(5e-41f);
  }

  @Test
  void runningStatisticsGoIntoTheTrainedModel() {
    Perceptron net = new Perceptron(5, RECORDS);
    float[] mean = {0.1f, 0.2f, 0.3f, 0.4f};
    float[] variance = {1, 2, 3, 4};
    ModelFile model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, Perceptron.IN)
            .output("logits", ElementType.FLOAT, -1, Perceptron.CLASSES)
            .initializer("gamma", new float[] {1, 1, 1, 1}, 4)
            .initializer("beta", new float[4], 4)
            .initializer("mean", mean, 4)
            .initializer("variance", variance, 4)
            .initializer("w", Arrays.copyOf(net.w0, 12), 4, 3)
            .node(
                "BatchNormalization",
                List.of("x", "gamma", "beta", "mean", "variance"),
                List.of("n"),
                "bn",
                Nodes.real("momentum", 0.75f))
            .node("Gemm", List.of("n", "w"), List.of("logits"), "fc")
            .toModel("normalized");
    TrainingSetup setup =
        new TrainingSetup(
            "normalized",
            model,
            Perceptron.gradients(model, Loss.SOFTMAX_CROSS_ENTROPY, 0, 0),
            net.records(folder),
            Optional.empty(),
            Perceptron.options("sgd", "0.1", RECORDS, 3),
            Optional.empty(),
            false);
    Path out = folder.resolve("out.onnx");
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThat(trainer.run().test()).isEmpty();
      trainer.write(out);
    }
    try (ModelFile trained = ModelFile.open(out)) {
      for (int c = 0; c < 4; c++) {
        double sum = 0;
        double squares = 0;
        for (float[] record : net.x) {
          sum += record[c];
          squares += (double) record[c] * record[c];
        }
        double m = sum / RECORDS;
        // Unbiased, as PyTorch has it.
        double v = (squares / RECORDS - m * m) * RECORDS / (RECORDS - 1);
        // Three steps see the same records: each keeps three quarters of what was.
        double old = Math.pow(0.75, 3);
        assertThat((double) Perceptron.values(trained, "mean")[c])
            .isCloseTo(old * mean[c] + (1 - old) * m, within(1e-6));
        assertThat((double) Perceptron.values(trained, "variance")[c])
            .isCloseTo(old * variance[c] + (1 - old) * v, within(1e-5));
      }
    }
  }

  @Test
  void tellsTheTestRecordWhoseLabelIsBeyondTheClassesBeforeTheFirstStep() {
    Perceptron net = new Perceptron(5, RECORDS);
    TrainingSetup setup = net.setup(folder, Perceptron.options("sgd", "0.1", 16, 5), 0, 0);
    net.labels[7] = 4;
    TrainingSetup tested =
        new TrainingSetup(
            "perceptron",
            setup.model(),
            setup.gradients(),
            setup.data(),
            Optional.of(net.records(folder)),
            setup.options(),
            Optional.empty(),
            false);
    TrainListener none =
        new TrainListener() {
          @Override
          public void step(long step, long steps, float loss) {
            throw new IllegalStateException("a step was taken");
          }
        };
    try (Trainer trainer = new Trainer(tested, none)) {
      assertThatThrownBy(trainer::run).hasMessageContaining("record 7 has label 4");
    }
  }
}
