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
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightCounterTest {

  @Test
  void countsBiasesApartAndSharedWeightsOnce() {
    try (ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer("w", new float[] {1, 0, 0, -0f}, 2, 2)
            .initializer("b", new float[] {0, 5}, 2)
            .node("Gemm", List.of("x", "w", "b"), List.of("h"), "fc1")
            .node("Relu", List.of("h"), List.of("r"), "relu1")
            .node("MatMul", List.of("r", "w"), List.of("y"), "fc2")
            .output("y", ElementType.FLOAT, -1, 2)
            .toModel("net.onnx")) {
      WeightCounter.Result result = WeightCounter.count(model);
      assertThat(result.weights()).hasSize(1);
      assertThat(result.weights().get(0).weight().layer()).isEqualTo("fc1");
      assertThat(result.weights().get(0).counts()).isEqualTo(new Counts(4, 3, 0));
      assertThat(result.biases())
          .extracting(WeightCounts::counts)
          .containsExactly(new Counts(2, 1, 0));
      assertThat(result.skipped()).isEmpty();
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
  void saysWhichQuantizedWeightsItCannotCount() {
    try (ModelFile model = matMulInteger(new byte[] {0, (byte) 200}, new long[] {2})) {
      WeightCounter.Result result = WeightCounter.count(model);
      assertThat(result.weights()).isEmpty();
      assertThat(result.skipped())
          .containsExactly(
              new SkippedTap("fc", "w", "weight: its zero point is not one known value"));
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
                WeightCounter.Result result = WeightCounter.count(model);
                Counts weights = sum(result.weights());
                Counts biases = sum(result.biases());
                assertThat(weights.elements()).isEqualTo(1_244_448);
                assertThat(weights.elements() - weights.zeros()).isEqualTo(415_921);
                assertThat(biases).isEqualTo(new Counts(3_976, 0, 0));
              }
            });
  }

  private static Counts sum(List<WeightCounts> all) {
    return all.stream().map(WeightCounts::counts).reduce(Counts.NONE, Counts::plus);
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
