package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that training computes otherwise than inference: normalizations, dropout, pools. */
class TrainingFormTest {
  private static final Objective SQUARES = Objective.of(Loss.MEAN_SQUARED_ERROR);

  /** Channels of x w: (1, 3, 5, 7) and (2, 2, 6, 6), w being the identity. */
  @Test
  void runningStatisticsMoveByMomentumTowardsTheBatch() {
    Gradients step = new Differentiator(SQUARES).differentiate(normalized(0.75f).toModel("m"));

    assertThat(step.statistics()).extracting(Statistic::name).containsExactly("mean", "variance");
    assertThat(step.statistics()).extracting(Statistic::node).containsOnly("norm");
    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), normalizedFeeds());

    // Means 4 and 4; unbiased variances 20/3 and 16/3.
    assertThat(outputs.get("mean/next").floats())
        .containsExactly(new float[] {0.75f * 10 + 1, 0.75f * 20 + 1}, within(1e-5f));
    assertThat(outputs.get("variance/next").floats())
        .containsExactly(new float[] {0.75f * 2 + 5 / 3f, 0.75f * 3 + 4 / 3f}, within(1e-5f));
    // Biased variance 5: (1 - 4) / sqrt(5) * 3 + 0.5.
    assertThat(outputs.get("y").floats()[0])
        .isCloseTo(-3 / (float) Math.sqrt(5) * 3 + 0.5f, within(1e-5f));
  }

  @Test
  void normalizationWhoseParametersAreFrozenStaysInItsInferenceForm() {
    Gradients step =
        new Differentiator(SQUARES, List.of(Pattern.parse("tensor:w")), GradientRules.standard())
            .differentiate(normalized(0.75f).toModel("m"));

    assertThat(step.statistics()).isEmpty();
    Map<String, Tensor> feeds = normalizedFeeds();
    feeds.keySet().retainAll(List.of("x", "w", "targets"));
    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), feeds);

    // y = (z - mean) / sqrt(variance) * scale + shift, dL/dz = 2 y / 8 * scale / sqrt(variance).
    double[] dw = new double[4];
    float[] x = {1, 2, 3, 2, 5, 6, 7, 6};
    for (int n = 0; n < 4; n++) {
      double[] factor = {3 / Math.sqrt(2), 2 / Math.sqrt(3)};
      double[] y = {(x[2 * n] - 10) * factor[0] + 0.5, (x[2 * n + 1] - 20) * factor[1] - 0.5};
      for (int i = 0; i < 4; i++) {
        dw[i] += x[2 * n + i / 2] * 2 * y[i % 2] / 8 * factor[i % 2];
      }
    }
    float[] actual = outputs.get("gradient:w").floats();
    for (int i = 0; i < 4; i++) {
      assertThat((double) actual[i]).isCloseTo(dw[i], within(1e-5 * Math.abs(dw[i])));
    }
  }

  private static ModelBuilder normalized(float momentum) {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, 2)
        .initializer("w", new float[] {1, 0, 0, 1}, 2, 2)
        .initializer("scale", new float[] {3, 2}, 2)
        .initializer("shift", new float[] {0.5f, -0.5f}, 2)
        .initializer("mean", new float[] {10, 20}, 2)
        .initializer("variance", new float[] {2, 3}, 2)
        .node("MatMul", List.of("x", "w"), List.of("z"), "fc")
        .node(
            "BatchNormalization",
            List.of("z", "scale", "shift", "mean", "variance"),
            List.of("y"),
            "norm",
            Nodes.real("epsilon", 0),
            Nodes.real("momentum", momentum))
        .output("y", ElementType.FLOAT, -1, 2);
  }

  private static Map<String, Tensor> normalizedFeeds() {
    Map<String, Tensor> feeds = new HashMap<>();
    feeds.put("x", Tensor.floats(new float[] {1, 2, 3, 2, 5, 6, 7, 6}, 4, 2));
    feeds.put("w", Tensor.floats(new float[] {1, 0, 0, 1}, 2, 2));
    feeds.put("scale", Tensor.floats(new float[] {3, 2}, 2));
    feeds.put("shift", Tensor.floats(new float[] {0.5f, -0.5f}, 2));
    feeds.put("mean", Tensor.floats(new float[] {10, 20}, 2));
    feeds.put("variance", Tensor.floats(new float[] {2, 3}, 2));
    feeds.put("targets", Tensor.floats(new float[8], 4, 2));
    return feeds;
  }

  /** All elements are equal: each window's gradient is its first element's. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void firstOfEqualElementsGetsThePoolsGradient(boolean innermost) {
    assertThat(pooled(innermost, 2, 2))
        .containsExactly(1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0);
  }

  /** Windows of 2 that move by 1: every element begins one, but for the last row and column. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void elementOfSeveralWindowsGetsTheSum(boolean innermost) {
    assertThat(pooled(innermost, 2, 1))
        .containsExactly(1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0);
    assertThat(pooled(innermost, 3, 1))
        .containsExactly(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Gradient of the mean of squares times n/2 through a pool over ones: 1 for each window. */
  private static float[] pooled(boolean innermost, int kernel, int stride) {
    int out = (4 - kernel) / stride + 1;
    float[] ones = new float[16];
    Arrays.fill(ones, 1);
    ModelBuilder model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 1)
            .initializer("w", ones, 1, 16)
            .initializer("shape", new long[] {-1, 1, 4, 4}, 4)
            .node("MatMul", List.of("x", "w"), List.of("z"), "fc")
            .node("Reshape", List.of("z", "shape"), List.of("image"), "image")
            .node(
                "MaxPool",
                List.of("image"),
                List.of("y"),
                "pool",
                Nodes.integers("kernel_shape", kernel, kernel),
                Nodes.integers("strides", stride, stride))
            .output("y", ElementType.FLOAT, -1, 1, out, out);
    Differentiator plain = new Differentiator(SQUARES);
    Gradients step = (innermost ? plain.batchInnermost() : plain).differentiate(model.toModel("m"));
    Map<String, Tensor> outputs =
        Ort.run(
            step.model().toByteArray(),
            Map.of(
                "x", Tensor.floats(new float[] {1}, 1, 1),
                "w", Tensor.floats(ones, 1, 16),
                "targets", Tensor.floats(new float[out * out], 1, 1, out, out)));
    float[] gradient = outputs.get("gradient:w").floats();
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = gradient[i] * out * out / 2;
    }
    return gradient;
  }

  @Test
  void dropoutMultipliesWithAMaskThatIsFed() {
    Gradients step = new Differentiator(SQUARES).differentiate(dropped(0.25f).toModel("m"));

    assertThat(step.masks())
        .containsExactly(new Mask("drop/mask", "drop", List.of(-1L, 3L), 0.25f));
    Map<String, Tensor> feeds = new HashMap<>();
    feeds.put("x", Tensor.floats(new float[] {1, 2}, 2, 1));
    feeds.put("w", Tensor.floats(new float[] {1, 2, 3}, 1, 3));
    feeds.put("drop/mask", Tensor.floats(new float[] {0, 2, 2, 2, 0, 0}, 2, 3));
    feeds.put("targets", Tensor.floats(new float[6], 2, 3));
    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), feeds);

    assertThat(outputs.get("y").floats()).containsExactly(0, 4, 6, 4, 0, 0);
    // dL/dw = sum over records of 2 y mask x / 6.
    assertThat(outputs.get("gradient:w").floats())
        .containsExactly(
            new float[] {2f * 4 * 2 * 2 / 6, 2f * 4 * 2 / 6, 2f * 6 * 2 / 6}, within(1e-5f));
  }

  @Test
  void dropoutOfNothingNeedsNoMask() {
    Gradients step = new Differentiator(SQUARES).differentiate(dropped(0).toModel("m"));

    assertThat(step.masks()).isEmpty();
    assertThat(step.model().getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .doesNotContain("Dropout");
  }

  @Test
  void maskThatADropoutPutsOutMayBeThereButNotRead() {
    ModelBuilder unread = twoOutputs();
    assertThat(new Differentiator(SQUARES).differentiate(unread.toModel("m")).masks()).hasSize(1);

    ModelBuilder read = twoOutputs().unshapedOutput("mask", ElementType.BOOL);
    assertThatThrownBy(() -> new Differentiator(SQUARES).differentiate(read.toModel("m")))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model m, node drop (Dropout): has a mask that another node reads: export it with one"
                + " output");
  }

  private static ModelBuilder twoOutputs() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, 1)
        .initializer("w", new float[] {1, 2, 3}, 1, 3)
        .node("MatMul", List.of("x", "w"), List.of("z"), "fc")
        .node("Dropout", List.of("z"), List.of("y", "mask"), "drop")
        .output("y", ElementType.FLOAT, -1, 3);
  }

  @Test
  void dropoutOfEverythingIsAnError() {
    assertThatThrownBy(() -> new Differentiator(SQUARES).differentiate(dropped(1).toModel("m")))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model m, node drop (Dropout): drops a share of 1.0: give it a ratio from 0 to below"
                + " 1");
  }

  private static ModelBuilder dropped(float ratio) {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, 1)
        .initializer("w", new float[] {1, 2, 3}, 1, 3)
        .initializer("ratio", new float[] {ratio})
        .node("MatMul", List.of("x", "w"), List.of("z"), "fc")
        .node("Dropout", List.of("z", "ratio"), List.of("y"), "drop")
        .output("y", ElementType.FLOAT, -1, 3);
  }
}
