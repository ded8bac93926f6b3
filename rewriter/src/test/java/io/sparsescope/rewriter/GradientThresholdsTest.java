package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.gradient.Differentiator;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.gradient.Parameter;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rules on gradients, in a step of y = relu(x W + b) with the loss sum(y^2) / 2, whose gradients
 * are computed here by loops.
 */
class GradientThresholdsTest {
  private static final int N = 4;
  private static final int IN = 5;
  private static final int OUT = 3;

  private static ModelBuilder step() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, N, IN)
        .input("fc/weights", ElementType.FLOAT, IN, OUT)
        .input("fc/biases", ElementType.FLOAT, OUT)
        .initializer("zero", new float[] {0})
        .initializer("rows", new long[] {0}, 1)
        .node("Gemm", List.of("x", "fc/weights", "fc/biases"), List.of("fc/Gemm"), "fc/Gemm")
        .node("Relu", List.of("fc/Gemm"), List.of("fc/Relu"), "fc/Relu")
        .node("Identity", List.of("fc/Relu"), List.of("gradient:fc/Relu"), "gradient:loss")
        .node("Greater", List.of("fc/Relu", "zero"), List.of("mask"), "gradient:fc/Relu/mask")
        .node(
            "Where",
            List.of("mask", "gradient:fc/Relu", "zero"),
            List.of("gradient:fc/Gemm"),
            "gradient:fc/Relu")
        .node(
            "Gemm",
            List.of("x", "gradient:fc/Gemm"),
            List.of("gradient:fc/weights"),
            "gradient:fc/Gemm/weights",
            Nodes.integer("transA", 1))
        .node(
            "ReduceSum",
            List.of("gradient:fc/Gemm", "rows"),
            List.of("gradient:fc/biases"),
            "gradient:fc/Gemm/biases",
            Nodes.integer("keepdims", 0))
        .node("Sub", List.of("fc/weights", "gradient:fc/weights"), List.of("fc/weights/next"), "u1")
        .node("Sub", List.of("fc/biases", "gradient:fc/biases"), List.of("fc/biases/next"), "u2")
        .output("gradient:fc/weights", ElementType.FLOAT, IN, OUT)
        .output("gradient:fc/biases", ElementType.FLOAT, OUT)
        .output("fc/weights/next", ElementType.FLOAT, IN, OUT)
        .output("fc/biases/next", ElementType.FLOAT, OUT);
  }

  /** Small whole numbers, so that everything is exact. */
  private static float[] whole(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextInt(7) - 3;
    }
    return values;
  }

  private static final float[] X = whole(1, N * IN);
  private static final float[] W = whole(2, IN * OUT);
  private static final float[] B = whole(3, OUT);

  /** dL/d(x W + b). */
  private static float[] inner() {
    float[] d = new float[N * OUT];
    for (int n = 0; n < N; n++) {
      for (int o = 0; o < OUT; o++) {
        float sum = B[o];
        for (int i = 0; i < IN; i++) {
          sum += X[n * IN + i] * W[i * OUT + o];
        }
        d[n * OUT + o] = Math.max(0, sum);
      }
    }
    return d;
  }

  private static float[] ofWeights(float[] d) {
    float[] g = new float[IN * OUT];
    for (int n = 0; n < N; n++) {
      for (int i = 0; i < IN; i++) {
        for (int o = 0; o < OUT; o++) {
          g[i * OUT + o] += X[n * IN + i] * d[n * OUT + o];
        }
      }
    }
    return g;
  }

  private static float[] ofBiases(float[] d) {
    float[] g = new float[OUT];
    for (int n = 0; n < N; n++) {
      for (int o = 0; o < OUT; o++) {
        g[o] += d[n * OUT + o];
      }
    }
    return g;
  }

  private static float[] cut(float[] x, double t) {
    float[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.abs(y[i]) < t ? 0 : y[i];
    }
    return y;
  }

  private static float[] minus(float[] a, float[] b) {
    float[] c = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      c[i] = a[i] - b[i];
    }
    return c;
  }

  private static Rule threshold(String match, double t) {
    return Rule.of(match, "sparse," + t, false, false, false, false);
  }

  private static Rewrite plan(Rule... rules) {
    return new Rewriter(Rules.NONE.withGradients(List.of(rules)), false, true)
        .plan(step().toModel("step"));
  }

  private static Map<String, Tensor> run(Rewrite rewrite) {
    return Ort.run(
        rewrite.edit().toBytes(),
        Map.of(
            "x", Tensor.floats(X, N, IN),
            "fc/weights", Tensor.floats(W, IN, OUT),
            "fc/biases", Tensor.floats(B, OUT)));
  }

  @Test
  void theGraphOfThisTestComputesWhatItsLoopsDo() {
    Map<String, Tensor> out = run(plan());
    assertThat(out.get("gradient:fc/weights").floats()).containsExactly(ofWeights(inner()));
    assertThat(out.get("gradient:fc/biases").floats()).containsExactly(ofBiases(inner()));
    assertThat(cut(ofWeights(inner()), 12)).contains(0).isNotEqualTo(new float[IN * OUT]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fc/weights",
        "fc/w*",
        "tensor:fc/weights",
        "op:Gemm & !fc/biases",
        "gradient:fc/weights",
        "layer:fc & fc/weights",
        "re:fc/w.*"
      })
  void aThresholdStandsBetweenAGradientAndItsConsumers(String pattern) {
    float[] g = ofWeights(inner());
    double t = 12;
    Rewrite rewrite = plan(threshold(pattern, t));
    assertThat(rewrite.thresholds())
        .containsExactly(
            new Threshold(
                "gradient:fc/Gemm/weights",
                "gradient:fc/weights",
                "gradient",
                t,
                false,
                "",
                false));
    assertThat(rewrite.dense())
        .containsExactly(Map.entry("gradient:fc/weights", "sparsescope/dense/gradient:fc/weights"));
    Map<String, Tensor> out = run(rewrite);
    assertThat(positiveZeros(out.get("gradient:fc/weights").floats())).containsExactly(cut(g, t));
    assertThat(out.get("fc/weights/next").floats()).containsExactly(minus(W, cut(g, t)));
    assertThat(out.get("gradient:fc/biases").floats()).containsExactly(ofBiases(inner()));
    assertThat(cut(g, t)).isNotEqualTo(g);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fc", "**", "fc/**", "fc/{weights,biases}"})
  void aScopeCoversAllParametersUnderItAndNoTensorBetween(String pattern) {
    Rewrite rewrite = plan(threshold(pattern, 5));
    assertThat(rewrite.thresholds())
        .extracting(Threshold::tensor)
        .containsExactly("gradient:fc/weights", "gradient:fc/biases");
    Map<String, Tensor> out = run(rewrite);
    assertThat(positiveZeros(out.get("gradient:fc/biases").floats()))
        .containsExactly(cut(ofBiases(inner()), 5));
  }

  @Test
  void theFirstRuleThatMatchesWins() {
    Rewrite rewrite = plan(threshold("fc/biases", 1), threshold("**", 9), threshold("fc/w*", 2));
    assertThat(rewrite.thresholds())
        .extracting(Threshold::tensor, Threshold::value)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("gradient:fc/weights", 9.0),
            org.assertj.core.groups.Tuple.tuple("gradient:fc/biases", 1.0));
  }

  @Test
  void tensorsBetweenAreReachedByFullNames() {
    double t = 4;
    Rewrite rewrite = plan(threshold("gradient:fc/Gemm", t));
    float[] d = cut(inner(), t);
    assertThat(d).isNotEqualTo(inner());
    Map<String, Tensor> out = run(rewrite);
    assertThat(out.get("gradient:fc/weights").floats()).containsExactly(ofWeights(d));
    assertThat(out.get("gradient:fc/biases").floats()).containsExactly(ofBiases(d));
    assertThat(plan(threshold("gradient:fc/**", t)).thresholds())
        .extracting(Threshold::tensor)
        .containsExactly(
            "gradient:fc/Relu", "gradient:fc/Gemm", "gradient:fc/weights", "gradient:fc/biases");
  }

  @Test
  void topKKeepsTheLargestOfAWholeParameter() {
    float[] g = ofWeights(inner());
    Rewrite rewrite = plan(Rule.of("fc/weights", "topk,4", false, false, false, false));
    assertThat(rewrite.transformations())
        .containsExactly(
            new Transformation(
                "gradient:fc/Gemm/weights", "gradient:fc/weights", "gradient", "topk,4", false));
    float[] y = run(rewrite).get("gradient:fc/weights").floats();
    float[] magnitudes = g.clone();
    for (int i = 0; i < g.length; i++) {
      magnitudes[i] = Math.abs(g[i]);
    }
    Arrays.sort(magnitudes);
    float fourth = magnitudes[magnitudes.length - 4];
    int kept = 0;
    for (int i = 0; i < g.length; i++) {
      kept += y[i] != 0 ? 1 : 0;
      assertThat(y[i]).isIn(0f, g[i]);
      assertThat(y[i] != 0 || Math.abs(g[i]) <= fourth).isTrue();
    }
    assertThat(kept).isEqualTo(4);
  }

  @Test
  void ofATensorBetweenTopKKeepsTheLargestOfEachRecord() {
    Rewrite rewrite = plan(Rule.of("gradient:fc/Gemm", "topk,1", false, false, false, false));
    float[] d = new float[N * OUT];
    for (int n = 0; n < N; n++) {
      int best = 0;
      for (int o = 1; o < OUT; o++) {
        best = inner()[n * OUT + o] > inner()[n * OUT + best] ? o : best;
      }
      d[n * OUT + best] = inner()[n * OUT + best];
    }
    assertThat(run(rewrite).get("gradient:fc/weights").floats()).containsExactly(ofWeights(d));
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void tiesInfinitiesAndNanAreWhatAThresholdMakesOfThem(boolean orEqual) {
    float t = 0.1f;
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {
      t,
      -t,
      Math.nextDown(t),
      -Math.nextDown(t),
      Math.nextUp(t),
      -Math.nextUp(t),
      0f,
      -0f,
      inf,
      -inf,
      Float.NaN,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      1e-39f,
      Float.MAX_VALUE
    };
    float[] expected = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      boolean zero = orEqual ? Math.abs(x[i]) <= t : Math.abs(x[i]) < t;
      expected[i] = zero ? 0 : x[i];
    }
    assertThat(positiveZeros(throughThreshold(ElementType.FLOAT, x, 0.1, orEqual)))
        .containsExactly(expected);
    // Nothing is below zero, and only what is infinite is not below infinity.
    assertThat(throughThreshold(ElementType.FLOAT, x, 0, false)).containsExactly(x);
    for (int i = 0; i < x.length; i++) {
      expected[i] = Math.abs(x[i]) <= Float.MAX_VALUE ? 0 : x[i];
    }
    assertThat(positiveZeros(throughThreshold(ElementType.FLOAT, x, 1e300, orEqual)))
        .containsExactly(expected);
  }

  @Test
  void halfPrecisionGradientsAreComparedAsTheyAre() {
    float[] x = {0.1f, 0.0999f, -0.1f, -0.25f, 0f};
    float[] y = throughThreshold(ElementType.FLOAT16, x, 0.1, false);
    // 0.1 and 0.0999 as float16 are 0.099975586 and 0.09991455.
    assertThat(y).containsExactly(0.099975586f, 0f, -0.099975586f, -0.25f, 0f);
  }

  @ParameterizedTest
  @CsvSource({
    "fc1, gradient:fc1/weights gradient:fc1/biases",
    "layer:fc2, gradient:fc2/weights gradient:fc2/biases",
    "op:Gemm & **/weights, gradient:fc1/weights gradient:fc2/weights",
    "gradient:fc1/Gemm, gradient:fc1/Gemm",
  })
  void stepsThatTheDifferentiatorMakesAreReached(String pattern, String gradients) {
    ModelBuilder net =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 4)
            .initializer("fc1/weights", new float[12], 4, 3)
            .initializer("fc1/biases", new float[3], 3)
            .initializer("fc2/weights", new float[6], 3, 2)
            .initializer("fc2/biases", new float[2], 2)
            .node(
                "Gemm", List.of("x", "fc1/weights", "fc1/biases"), List.of("fc1/Gemm"), "fc1/Gemm")
            .node("Relu", List.of("fc1/Gemm"), List.of("fc1/Relu"), "fc1/Relu")
            .node(
                "Gemm",
                List.of("fc1/Relu", "fc2/weights", "fc2/biases"),
                List.of("logits"),
                "fc2/Gemm")
            .output("logits", ElementType.FLOAT, -1, 2);
    ModelFile step =
        ModelFile.of(
            "step",
            new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY))
                .differentiate(net.toModel("net"))
                .model()
                .toByteArray());
    Rules rules = Rules.NONE.withGradients(List.of(threshold(pattern, 1)));
    Rewrite rewrite = new Rewriter(rules, false, false).plan(step);
    assertThat(rewrite.skipped()).isEmpty();
    assertThat(rewrite.thresholds())
        .extracting(Threshold::tensor)
        .containsExactlyInAnyOrder(gradients.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "LENET, conv2, 2",
    "CIFARNET, fc3, 2",
    "RESNET14, block1/unit_2, 9",
    "RESNET14, **/gamma, 15",
  })
  void everyParameterOfTheZooHasAGradientThatPatternsReach(Zoo zoo, String pattern, int selected) {
    Gradients gradients =
        new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY))
            .differentiate(zoo.build(1).toModel("net"));
    ModelFile step = ModelFile.of("step", gradients.model().toByteArray());
    Rules all = Rules.NONE.withGradients(List.of(threshold(pattern, 1), threshold("**", 2)));
    Rewrite rewrite = new Rewriter(all, false, false).plan(step);
    assertThat(rewrite.skipped()).isEmpty();
    assertThat(rewrite.thresholds())
        .extracting(Threshold::tensor)
        .containsExactlyInAnyOrderElementsOf(
            gradients.parameters().stream().map(Parameter::gradient).toList());
    assertThat(rewrite.thresholds().stream().filter(t -> t.value() == 1)).hasSize(selected);
  }

  private static float[] throughThreshold(ElementType type, float[] x, double t, boolean orEqual) {
    ModelBuilder model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, x.length)
            .input("w", type, x.length)
            .node(
                "Cast",
                List.of("x"),
                List.of("gradient:w"),
                "gradient:w",
                Nodes.integer("to", type.number()))
            .node("Add", List.of("w", "gradient:w"), List.of("sum"), "sum")
            .node(
                "Cast",
                List.of("gradient:w"),
                List.of("y"),
                "y",
                Nodes.integer("to", ElementType.FLOAT.number()))
            .output("sum", type, x.length)
            .output("y", ElementType.FLOAT, x.length);
    Rules rules =
        Rules.NONE.withGradients(
            List.of(Rule.of("w", "sparse," + t, orEqual, false, false, false)));
    Rewrite rewrite = new Rewriter(rules, false, false).plan(model.toModel("m"));
    Tensor w =
        type == ElementType.FLOAT
            ? Tensor.floats(new float[x.length], x.length)
            : Tensor.shorts(type, new short[x.length], x.length);
    return Ort.run(rewrite.edit().toBytes(), Map.of("x", Tensor.floats(x, x.length), "w", w))
        .get("y")
        .floats();
  }

  @Test
  void aPatternThatSelectsNothingIsAnErrorWithNearMisses() {
    assertThatThrownBy(() -> plan(threshold("fc/weight", 1)))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith(
            "pattern \"fc/weight\" in gradients selects nothing in model step: did you mean"
                + " \"fc/weights\"");
    assertThatThrownBy(() -> plan(threshold("**", 1), threshold("gradient:fc/Conv", 1)))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith(
            "pattern \"gradient:fc/Conv\" in gradients selects nothing in model step: did you mean"
                + " \"gradient:fc/");
  }

  @Test
  void aModelWithoutGradientsIsAnErrorUnlessRulesMaySelectNothing() {
    ModelBuilder inference =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, 2)
            .node("Relu", List.of("x"), List.of("y"), "relu")
            .output("y", ElementType.FLOAT, 2);
    Rules rules = Rules.NONE.withGradients(List.of(threshold("**", 1)));
    assertThatThrownBy(() -> new Rewriter(rules, false, false).plan(inference.toModel("net")))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model net has no gradients: rules under gradients are for training (sparsescope"
                + " train): take them out, or allow rules that select nothing");
    assertThat(new Rewriter(rules, true, false).plan(inference.toModel("net")).edit().isEmpty())
        .isTrue();
  }

  /** The zeros that a threshold makes of a gradient may be negative. */
  private static float[] positiveZeros(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] += 0f;
    }
    return values;
  }
}
