package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DifferentiatorTest {
  private static final int N = 5;
  private static final int IN = 4;
  private static final int HIDDEN = 6;
  private static final int CLASSES = 3;
  private static final double L1 = 0.01;
  private static final double L2 = 0.1;

  private final Random random = new Random(7);
  private final float[] x = values(N * IN);
  private final float[] w1 = values(HIDDEN * IN);
  private final float[] b1 = values(HIDDEN);
  private final float[] w2 = values(HIDDEN * CLASSES);
  private final float[] b2 = values(CLASSES);
  private final long[] labels = {2, 0, 1, 1, 2};

  @Test
  void gradientsOfTwoLayersAreThoseOfPlainLoops() {
    Gradients step =
        new Differentiator(new Objective(Loss.SOFTMAX_CROSS_ENTROPY, L1, L2))
            .differentiate(perceptron("").toModel("perceptron"));

    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), inputs());

    Loops loops = new Loops();
    assertThat((double) outputs.get("loss").floats()[0]).isCloseTo(loops.loss, within(1e-6));
    assertClose(outputs.get("gradient:fc1/weights").floats(), loops.dw1);
    assertClose(outputs.get("gradient:fc1/biases").floats(), loops.db1);
    assertClose(outputs.get("gradient:fc2/weights").floats(), loops.dw2);
    assertClose(outputs.get("gradient:fc2/biases").floats(), loops.db2);
    assertThat(outputs.get("gradient:fc1/weights").shape()).containsExactly(HIDDEN, IN);
  }

  @Test
  void parametersAreRequiredInputsAndTellWhereTheyComeFrom() {
    Gradients step = differentiate(perceptron("").toModel("perceptron"));

    assertThat(step.parameters())
        .extracting(p -> p.name() + " " + p.kind() + " " + p.layer() + " " + p.dims())
        .containsExactly(
            "fc1/weights WEIGHT fc1 [6, 4]",
            "fc1/biases BIAS fc1 [6]",
            "fc2/weights WEIGHT fc2 [6, 3]",
            "fc2/biases BIAS fc2 [3]");
    assertThat(step.model().getGraph().getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("x", "fc1/weights", "fc1/biases", "fc2/weights", "fc2/biases", "labels");
    assertThat(step.model().getGraph().getOutputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly(
            "logits",
            "loss",
            "gradient:fc1/weights",
            "gradient:fc1/biases",
            "gradient:fc2/weights",
            "gradient:fc2/biases");
    assertThat(step.output()).isEqualTo("logits");
  }

  @Test
  void backwardNodesAndInnerGradientsAreNamedAfterTheForwardOnes() {
    Gradients step = differentiate(perceptron("").toModel("perceptron"));

    List<NodeProto> nodes = step.model().getGraph().getNodeList();
    assertThat(nodes)
        .filteredOn(n -> n.getName().startsWith("gradient:"))
        .extracting(NodeProto::getName)
        .contains("gradient:fc1/Relu/Mul", "gradient:fc1/Gemm/Gemm")
        .allMatch(n -> n.matches("gradient:fc[12]/(Gemm|Relu|MatMul|Add)/.*"));
    assertThat(nodes)
        .flatExtracting(NodeProto::getOutputList)
        .contains("gradient:logits", "gradient:fc1/Relu", "gradient:fc1/Gemm");
  }

  @Test
  void softmaxAtTheEndIsLookedThrough() {
    for (String last : List.of("Softmax", "LogSoftmax")) {
      Gradients step =
          new Differentiator(new Objective(Loss.SOFTMAX_CROSS_ENTROPY, L1, L2))
              .differentiate(perceptron(last).toModel("perceptron"));

      Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), inputs());

      assertClose(outputs.get("gradient:fc1/weights").floats(), new Loops().dw1);
      assertThat(step.output()).isEqualTo("probabilities");
    }
  }

  @Test
  void squaredErrorIsTheMeanOverAllElements() {
    Gradients step =
        new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR))
            .differentiate(perceptron("").toModel("perceptron"));
    Map<String, Tensor> inputs = inputs();
    inputs.remove("labels");
    float[] targets = values(N * CLASSES);
    inputs.put("targets", Tensor.floats(targets, N, CLASSES));

    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), inputs);

    float[] logits = outputs.get("logits").floats();
    double loss = 0;
    double[] db2 = new double[CLASSES];
    for (int i = 0; i < logits.length; i++) {
      double d = (double) logits[i] - targets[i];
      loss += d * d / logits.length;
      db2[i % CLASSES] += 2 * d / logits.length;
    }
    assertThat((double) outputs.get("loss").floats()[0]).isCloseTo(loss, within(1e-5));
    assertClose(outputs.get("gradient:fc2/biases").floats(), db2);
  }

  @Test
  void patternsNarrowWhatTrains() {
    Gradients step =
        new Differentiator(
                Objective.of(Loss.SOFTMAX_CROSS_ENTROPY),
                List.of(Pattern.parse("fc2")),
                GradientRules.standard())
            .differentiate(perceptron("").toModel("perceptron"));

    assertThat(step.parameters())
        .extracting(Parameter::name)
        .containsExactly("fc2/weights", "fc2/biases");
    assertThat(step.model().getGraph().getNodeList())
        .extracting(NodeProto::getName)
        .noneMatch(n -> n.startsWith("gradient:fc1"));
    Map<String, Tensor> inputs = inputs();
    inputs.remove("fc1/weights");
    inputs.remove("fc1/biases");
    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), inputs);
    assertThat(outputs.get("gradient:fc2/weights").floats()).hasSize(HIDDEN * CLASSES);
  }

  @Test
  void patternThatSelectsNothingIsAnError() {
    assertThatThrownBy(
            () ->
                new Differentiator(
                        Objective.of(Loss.SOFTMAX_CROSS_ENTROPY),
                        List.of(Pattern.parse("conv9")),
                        GradientRules.standard())
                    .differentiate(perceptron("").toModel("perceptron")))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model perceptron: pattern \"conv9\" selects no parameter that can train: name a node"
                + " with weights");
  }

  @Test
  void operatorWithoutRuleIsNamedWithTheRemedy() {
    ModelFile model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 4)
            .output("y", ElementType.FLOAT, -1, 3)
            .initializer("w", values(12), 4, 3)
            .node("MatMul", List.of("x", "w"), List.of("z"), "layer/MatMul")
            .node("Det", List.of("z"), List.of("y"), "end/Det")
            .toModel("odd");

    assertThatThrownBy(() -> differentiate(model))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model odd, node end/Det: no rule tells how gradients pass Det: train only parameters"
                + " behind it, or register a rule for it");
  }

  @Test
  void modelWithoutParametersIsAnError() {
    ModelFile model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 4)
            .output("y", ElementType.FLOAT, -1, 4)
            .node("Relu", List.of("x"), List.of("y"), "r")
            .toModel("bare");

    assertThatThrownBy(() -> differentiate(model))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("'y' depends on no parameter that can train");
  }

  @Test
  void outputThatIsNoClassScoresIsAnError() {
    ModelFile model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 2, 4)
            .output("y", ElementType.FLOAT, -1, 2, 3)
            .initializer("w", values(12), 4, 3)
            .node("MatMul", List.of("x", "w"), List.of("y"), "layer/MatMul")
            .toModel("odd");

    assertThatThrownBy(() -> differentiate(model))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("'y', which the loss judges, has shape [-1, 2, 3]");
  }

  @Test
  void parametersThatTheFirstOutputDoesNotDependOnStayConstant() {
    ModelFile model =
        perceptron("")
            .initializer("side/weights", values(HIDDEN * 2), HIDDEN, 2)
            .node("MatMul", List.of("fc1/Relu", "side/weights"), List.of("side"), "side/MatMul")
            .output("side", ElementType.FLOAT, -1, 2)
            .toModel("two heads");

    Gradients step = differentiate(model);

    assertThat(step.parameters()).extracting(Parameter::name).doesNotContain("side/weights");
    Map<String, Tensor> outputs = Ort.run(step.model().toByteArray(), inputs());
    assertThat(outputs.get("side").shape()).containsExactly(N, 2);
  }

  @Test
  void runningStatisticsOfTwoNodesAreAnError() {
    ModelBuilder model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 4)
            .output("y", ElementType.FLOAT, -1, 3)
            .initializer("w", values(12), 4, 3)
            .initializer("scale", values(3), 3)
            .initializer("mean", values(3), 3)
            .node("MatMul", List.of("x", "w"), List.of("a"), "layer/MatMul");
    List<String> shared = List.of("scale", "scale", "mean", "mean");
    for (String[] io : new String[][] {{"a", "b"}, {"b", "y"}}) {
      List<String> read = new ArrayList<>(List.of(io[0]));
      read.addAll(shared);
      model.node("BatchNormalization", read, List.of(io[1]), "norm/" + io[1]);
    }

    assertThatThrownBy(() -> differentiate(model.toModel("shared")))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model shared, node norm/b: shares the running statistic 'mean' with another node: give"
                + " each its own initializer (export without deduplication)");
  }

  private static Gradients differentiate(ModelFile model) {
    return new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY)).differentiate(model);
  }

  private ModelBuilder perceptron(String last) {
    ModelBuilder model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, IN)
            .initializer("fc1/weights", w1, HIDDEN, IN)
            .initializer("fc1/biases", b1, HIDDEN)
            .initializer("fc2/weights", w2, HIDDEN, CLASSES)
            .initializer("fc2/biases", b2, CLASSES)
            .node(
                "Gemm",
                List.of("x", "fc1/weights", "fc1/biases"),
                List.of("fc1/Gemm"),
                "fc1/Gemm",
                Nodes.integer("transB", 1))
            .node("Relu", List.of("fc1/Gemm"), List.of("fc1/Relu"), "fc1/Relu")
            .node("MatMul", List.of("fc1/Relu", "fc2/weights"), List.of("product"), "fc2/MatMul")
            .node("Add", List.of("product", "fc2/biases"), List.of("logits"), "fc2/Add");
    if (last.isEmpty()) {
      return model.output("logits", ElementType.FLOAT, -1, CLASSES);
    }
    return model
        .node(last, List.of("logits"), List.of("probabilities"), "last")
        .output("probabilities", ElementType.FLOAT, -1, CLASSES);
  }

  private Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", Tensor.floats(x, N, IN));
    inputs.put("fc1/weights", Tensor.floats(w1, HIDDEN, IN));
    inputs.put("fc1/biases", Tensor.floats(b1, HIDDEN));
    inputs.put("fc2/weights", Tensor.floats(w2, HIDDEN, CLASSES));
    inputs.put("fc2/biases", Tensor.floats(b2, CLASSES));
    ByteBuffer b = ByteBuffer.allocate(8 * N).order(ByteOrder.LITTLE_ENDIAN);
    b.asLongBuffer().put(labels);
    inputs.put("labels", new Tensor(ElementType.INT64, new long[] {N}, b));
    return inputs;
  }

  private float[] values(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void assertClose(float[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-6 * largest));
    }
  }

  /** The same step in plain loops of float64. */
  private final class Loops {
    private double loss;
    private final double[] dw1 = new double[HIDDEN * IN];
    private final double[] db1 = new double[HIDDEN];
    private final double[] dw2 = new double[HIDDEN * CLASSES];
    private final double[] db2 = new double[CLASSES];

    Loops() {
      for (int n = 0; n < N; n++) {
        record(n);
      }
      addTerms(w1, dw1);
      addTerms(w2, dw2);
    }

    private void record(int n) {
      double[] hidden = new double[HIDDEN];
      double[] scores = new double[CLASSES];
      for (int h = 0; h < HIDDEN; h++) {
        hidden[h] = b1[h];
        for (int i = 0; i < IN; i++) {
          hidden[h] += (double) x[n * IN + i] * w1[h * IN + i];
        }
      }
      double sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        scores[c] = b2[c];
        for (int h = 0; h < HIDDEN; h++) {
          scores[c] += Math.max(0, hidden[h]) * w2[h * CLASSES + c];
        }
        sum += Math.exp(scores[c]);
      }
      loss -= (scores[(int) labels[n]] - Math.log(sum)) / N;
      for (int c = 0; c < CLASSES; c++) {
        double d = (Math.exp(scores[c]) / sum - (c == labels[n] ? 1 : 0)) / N;
        db2[c] += d;
        for (int h = 0; h < HIDDEN; h++) {
          dw2[h * CLASSES + c] += Math.max(0, hidden[h]) * d;
          double dh = hidden[h] > 0 ? d * w2[h * CLASSES + c] : 0;
          db1[h] += dh;
          for (int i = 0; i < IN; i++) {
            dw1[h * IN + i] += dh * x[n * IN + i];
          }
        }
      }
    }

    private void addTerms(float[] w, double[] dw) {
      for (int i = 0; i < w.length; i++) {
        loss += L1 * Math.abs(w[i]) + L2 / 2 * w[i] * w[i];
        dw[i] += L1 * Math.signum(w[i]) + L2 * w[i];
      }
    }
  }
}
