package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.ModelProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The judge itself, against ONNX Runtime and against numbers known otherwise. */
class DoubleGraphTest {
  private static final Map<String, Trial> TRIALS = new LinkedHashMap<>();

  static {
    TRIALS.putAll(ElementTrials.TRIALS);
    TRIALS.putAll(LayoutTrials.TRIALS);
    TRIALS.putAll(LayerTrials.TRIALS);
  }

  @Property(tries = 5, seed = "1")
  void computesWhatOnnxRuntimeComputes(@ForAll long seed) {
    TRIALS.forEach((operator, trial) -> check(operator, trial, seed));
  }

  private static void check(String operator, Trial operation, long seed) {
    TrialModel trial = new TrialModel(new Random(seed), operator.equals("Gelu") ? 20 : 18);
    ModelProto model = trial.build(operation.build(trial));
    DoubleTensor expected = DoubleRuns.run(model, trial.feeds()).get("result");
    DoubleTensor actual = DoubleGraph.inference(model).run(trial.feeds()).get("result");
    assertThat(DoubleRuns.error(expected, actual, 0)).as(trial.toString()).isLessThan(1e-5);
  }

  @Test
  void knowsErfToTheLastDigits() {
    // Values of Abramowitz and Stegun's table 7.1, and of erf(3) = 1 - erfc(3).
    assertThat(DoubleElements.erf(0.5)).isCloseTo(0.5204998778130465, within(1e-15));
    assertThat(DoubleElements.erf(1)).isCloseTo(0.8427007929497149, within(1e-15));
    assertThat(DoubleElements.erf(-2)).isCloseTo(-0.9953222650189527, within(1e-15));
    assertThat(DoubleElements.erf(3)).isCloseTo(0.9999779095030014, within(1e-15));
  }

  @Test
  void normalizesByTheBatchInTraining() {
    ModelProto model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 1)
            .initializer("scale", new float[] {3}, 1)
            .initializer("shift", new float[] {10}, 1)
            .initializer("mean", new float[] {100}, 1)
            .initializer("variance", new float[] {100}, 1)
            .node(
                "BatchNormalization",
                List.of("x", "scale", "shift", "mean", "variance"),
                List.of("y"),
                "bn",
                Nodes.real("epsilon", 0))
            .output("y", ElementType.FLOAT, -1, 1)
            .build();
    Map<String, DoubleTensor> feeds = Map.of("x", DoubleTensor.of(new double[] {1, 3, 5, 7}, 4, 1));
    // Mean 4, variance (9 + 1 + 1 + 9) / 4 = 5.
    double[] y = DoubleGraph.training(model).run(feeds).get("y").values();
    double unit = 3 / Math.sqrt(5);
    assertThat(y)
        .containsExactly(
            new double[] {10 - 3 * unit, 10 - unit, 10 + unit, 10 + 3 * unit}, within(1e-12));
  }

  @Test
  void dropsByTheMaskInTraining() {
    ModelProto model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, 3)
            .node("Dropout", List.of("x"), List.of("y"), "drop")
            .output("y", ElementType.FLOAT, 3)
            .build();
    Map<String, DoubleTensor> feeds =
        Map.of(
            "x", DoubleTensor.of(new double[] {1, 2, 3}, 3),
            "drop/mask", DoubleTensor.of(new double[] {2, 0, 2}, 3));
    assertThat(DoubleGraph.training(model).run(feeds).get("y").values()).containsExactly(2, 0, 6);
    assertThat(DoubleGraph.inference(model).run(feeds).get("y").values()).containsExactly(1, 2, 3);
  }

  /** d/dw of the mean of (x w - t)^2 over x = (1, 2), t = (0, 1), at w = 3: 2 (1*3 + 2*5) / 2. */
  @Test
  void differencesAreTheGradientKnownByHand() {
    ModelProto model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, 2, 1)
            .initializer("w", new float[] {3}, 1, 1)
            .node("MatMul", List.of("x", "w"), List.of("y"), "product")
            .output("y", ElementType.FLOAT, 2, 1)
            .build();
    DoubleTensor targets = DoubleTensor.of(new double[] {0, 1}, 2, 1);
    DoubleTensor gradient =
        CentralDifferences.gradient(
            DoubleGraph.inference(model),
            Map.of(
                "x", DoubleTensor.of(new double[] {1, 2}, 2, 1),
                "w", DoubleTensor.of(new double[] {3}, 1, 1)),
            "w",
            tensors -> CentralDifferences.meanSquaredError(tensors.get("y"), targets));
    assertThat(gradient.single()).isCloseTo(13, within(1e-9));
  }

  @Test
  void knowsTheCrossEntropyOfEvenOdds() {
    DoubleTensor logits = DoubleTensor.of(new double[] {7, 7, 0, 0, 0, 0}, 2, 3);
    DoubleTensor labels = DoubleTensor.integers(new double[] {0, 2}, 2);
    double first = Math.log(2 + Math.exp(-7));
    assertThat(CentralDifferences.crossEntropy(logits, labels))
        .isCloseTo((first + Math.log(3)) / 2, within(1e-12));
  }
}
