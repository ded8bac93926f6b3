package io.sparsescope.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.data.SharedData;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.WeightCounts;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightCounterTest {

  @Test
  void countsBiasesIfAskedAndSharedWeightsOnceInSums() {
    try (ModelFile model = shared()) {
      WeightCounter.Result result = WeightCounter.count(model, true);
      assertThat(result.weights())
          .extracting(w -> w.weight().layer())
          .containsExactly("fc1", "fc2");
      assertThat(result.weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 3, 0), new Counts(4, 3, 0));
      assertThat(WeightCounts.sum(result.weights())).isEqualTo(new Counts(4, 3, 0));
      assertThat(result.biases())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(2, 1, 0));
      assertThat(result.skipped()).isEmpty();
      assertThat(WeightCounter.count(model).biases()).isEmpty();
    }
  }

  /** Of a tensor that two layers see differently, zero is what is zero to both. */
  @Test
  void countsASharedWeightBehindEachLayersThreshold() {
    try (ModelFile model = shared()) {
      ThresholdRule rule = new ThresholdRule("fc2", 2, false, false, false);
      Rules rules = new Rules(List.of(rule), List.of(), List.of(), Map.of("all", "**"));
      Rewrite rewrite = new Rewriter(rules, false, false).plan(model);
      WeightCounter.Result result = WeightCounter.count(model, rewrite);
      assertThat(result.weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 3, 0), new Counts(4, 4, 0));
      assertThat(result.weights()).extracting(w -> w.weight().block()).containsOnly("all");
      assertThat(WeightCounts.sum(result.weights())).isEqualTo(new Counts(4, 3, 0));
    }
  }

  @Test
  void countsQuantizedWeightsAgainstTheirZeroPoint() {
    try (ModelFile model = matMulInteger(new byte[] {(byte) 200}, new long[0])) {
      assertThat(WeightCounter.count(model).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 2, 0));
    }
  }

  @Test
  void countsQuantizedWeightsAgainstTheZeroPointOfEachColumn() {
    // ((200, 0), (1, 200)) with 0 for the first column and 200 for the second.
    try (ModelFile model = matMulInteger(new byte[] {0, (byte) 200}, new long[] {2})) {
      assertThat(WeightCounter.count(model).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 1, 0));
    }
  }

  @Test
  void saysWhichQuantizedWeightsItCannotCount() {
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer(Tensors.raw("w", ElementType.INT8, new byte[4], 2, 2))
            .initializer("s", new float[] {1, 1}, 2)
            .initializer(Tensors.raw("z", ElementType.INT8, new byte[] {1, 2}, 2))
            .node("Transpose", List.of("w"), List.of("t"), "t")
            .node("DequantizeLinear", List.of("t", "s", "z"), List.of("wf"), "dq")
            .node("MatMul", List.of("x", "wf"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, -1, 2)
            .toModel("net.onnx")) {
      WeightCounter.Result result = WeightCounter.count(model);
      assertThat(result.weights()).isEmpty();
      assertThat(result.skipped())
          .containsExactly(new SkippedTap("fc", "w", "weight: its zero points are not known"));
    }
  }

  /** Against a loop over what ONNX Runtime makes of the weight, by channel. */
  @Test
  void countsQuantizedWeightsBehindAThreshold() {
    byte[] integers = new byte[6];
    for (int i = 0; i < 6; i++) {
      integers[i] = (byte) (i * 37 - 90);
    }
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 2, 1, 1)
            .initializer(Tensors.raw("w", ElementType.INT8, integers, 3, 2, 1, 1))
            .initializer("s", new float[] {0.1f, 0.01f, 0.5f}, 3)
            .initializer(Tensors.raw("z", ElementType.INT8, new byte[] {-53, 5, 0}, 3))
            .node(
                "DequantizeLinear",
                List.of("w", "s", "z"),
                List.of("wf"),
                "dq",
                Nodes.integer("axis", 0))
            .node("Conv", List.of("x", "wf"), List.of("y"), "conv")
            .output("y", ElementType.FLOAT, 1, 3, 1, 1)
            .toModel("net.onnx")) {
      // By channel (-90, -53), (-16, 21), (58, 95): -3.7 0, -0.21 0.16, 29 47.5.
      assertThat(WeightCounter.count(model).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(6, 1, 0));
      ThresholdRule rule = new ThresholdRule("conv", 0.2, false, false, false);
      Rules rules = new Rules(List.of(rule), List.of(), List.of(), Map.of());
      Rewrite rewrite = new Rewriter(rules, false, false).plan(model);
      assertThat(WeightCounter.count(model, rewrite).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(6, 2, 0));
    }
  }

  /** The threshold compares float32 values, the stored ones are float16. */
  @Test
  void countsConvertedWeightsBehindAThreshold() {
    // 0.1 as float16 is 0.09997559, below 0.1f; then 0.5, NaN and -0.
    byte[] halves = {0x66, 0x2e, 0x00, 0x38, 0x00, 0x7e, 0x00, (byte) 0x80};
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer(Tensors.raw("w", ElementType.FLOAT16, halves, 2, 2))
            .node("Cast", List.of("w"), List.of("wf"), "cast", Nodes.integer("to", 1))
            .node("MatMul", List.of("x", "wf"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, -1, 2)
            .toModel("net.onnx")) {
      for (boolean bake : new boolean[] {false, true}) {
        ThresholdRule rule = new ThresholdRule("fc", 0.1, false, false, bake);
        Rules rules = new Rules(List.of(rule), List.of(), List.of(), Map.of());
        Rewrite rewrite = new Rewriter(rules, false, false).plan(model);
        // Baked, the threshold is rounded to float16, too, and 0.1 is a tie.
        assertThat(WeightCounter.count(model, rewrite).weights())
            .extracting(WeightCounts::counts)
            .containsExactly(new Counts(4, bake ? 1 : 2, 1));
      }
    }
  }

  @Test
  void countsTablesOfRowsThatAreLookedUp() {
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("ids", ElementType.INT64, 1)
            .initializer(Tensors.raw("table", ElementType.UINT8, new byte[] {9, 3, 3, 1}, 2, 2))
            .initializer("s", new float[] {0.5f})
            .initializer(Tensors.raw("z", ElementType.UINT8, new byte[] {3}))
            .node("Gather", List.of("table", "ids"), List.of("rows"), "words/Gather")
            .node("DequantizeLinear", List.of("rows", "s", "z"), List.of("y"), "dq")
            .output("y", ElementType.FLOAT, 1, 2)
            .toModel("net.onnx")) {
      WeightCounter.Result result = WeightCounter.count(model);
      assertThat(result.weights()).extracting(w -> w.weight().layer()).containsExactly("words");
      assertThat(result.weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 2, 0));
    }
  }

  @Test
  void followsAWeightThroughItsDequantization() {
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer(Tensors.raw("w", ElementType.INT8, new byte[] {-3, 0, -3, 1}, 2, 2))
            .initializer("s", new float[] {0.5f})
            .initializer(Tensors.raw("z", ElementType.INT8, new byte[] {-3}))
            .node("DequantizeLinear", List.of("w", "s", "z"), List.of("wf"), "dq")
            .node("MatMul", List.of("x", "wf"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, -1, 2)
            .toModel("net.onnx")) {
      assertThat(WeightCounter.count(model).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 2, 0));
    }
  }

  @Test
  void countsWeightsInConstantNodes() {
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .node(Nodes.constant(Tensors.floats("w", new float[] {0, 1, 2, 3}, 2, 2), "w"))
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, -1, 2)
            .toModel("net.onnx")) {
      assertThat(WeightCounter.count(model).weights())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(4, 1, 0));
    }
  }

  /** The figures for weights are the model's decoder's own. */
  @Test
  void countsSqueezeNetAsItsDecoderDid() {
    SharedData.find("models/squeezenet_dc/squeezenet_dc.onnx")
        .ifPresent(
            path -> {
              try (ModelFile model = ModelFile.open(path)) {
                WeightCounter.Result result = WeightCounter.count(model, true);
                Counts weights = WeightCounts.sum(result.weights());
                Counts biases = WeightCounts.sum(result.biases());
                assertThat(weights.elements()).isEqualTo(1_244_448);
                assertThat(weights.elements() - weights.zeros()).isEqualTo(415_921);
                assertThat(biases).isEqualTo(new Counts(3_976, 0, 0));
              }
            });
  }

  /** Elements, and those below 0.03 in magnitude, as NumPy counts them in the files. */
  @ParameterizedTest
  @CsvSource({
    "mnist_cntk/mnist.onnx, 5960, 855, 34",
    "resnet20_cifar10/resnet20_cifar10.onnx, 268336, 87475, 10",
    "squeezenet_dc/squeezenet_dc.onnx, 1244448, 901086, 3976",
  })
  void countsRealModelsBehindThresholdsAndOnceTheyAreBaked(
      String path, long elements, long below, long biases) {
    Optional<Path> file = SharedData.find("models/" + path);
    if (file.isEmpty()) {
      return;
    }
    try (ModelFile model = ModelFile.open(file.get())) {
      for (boolean bake : new boolean[] {false, true}) {
        ThresholdRule rule = new ThresholdRule("**", 0.03, false, false, bake);
        Rules rules = new Rules(List.of(rule), List.of(), List.of(), Map.of());
        Rewrite rewrite = new Rewriter(rules, false, false).plan(model);
        WeightCounter.Result result = WeightCounter.count(model, rewrite, true);
        Counts expected = new Counts(elements, below, 0);
        assertThat(WeightCounts.sum(result.weights())).isEqualTo(expected);
        assertThat(WeightCounts.sum(result.biases()).elements()).isEqualTo(biases);
        if (bake) {
          try (ModelFile baked = ModelFile.of("baked", rewrite.edit().toBytes())) {
            assertThat(WeightCounts.sum(WeightCounter.count(baked).weights())).isEqualTo(expected);
          }
        }
      }
    }
  }

  /** Two layers with one weight. */
  private static ModelFile shared() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 2)
        .initializer("w", new float[] {1, 0, 0, -0f}, 2, 2)
        .initializer("b", new float[] {0, 5}, 2)
        .node("Gemm", List.of("x", "w", "b"), List.of("h"), "fc1")
        .node("Relu", List.of("h"), List.of("r"), "relu1")
        .node("MatMul", List.of("r", "w"), List.of("y"), "fc2")
        .output("y", ElementType.FLOAT, -1, 2)
        .toModel("net.onnx");
  }

  private static ModelFile matMulInteger(byte[] zeroPoints, long[] dims) {
    return ModelBuilder.model(13)
        .input("x", ElementType.UINT8, -1, 2)
        .initializer(
            Tensors.raw("w", ElementType.UINT8, new byte[] {(byte) 200, 0, 1, (byte) 200}, 2, 2))
        .initializer(Tensors.raw("z", ElementType.UINT8, zeroPoints, dims))
        .node("MatMulInteger", List.of("x", "w", "", "z"), List.of("y"), "fc")
        .output("y", ElementType.INT32, -1, 2)
        .toModel("net.onnx");
  }
}
