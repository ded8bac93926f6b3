package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where there is no gradient, or more than one: which is taken, and what is refused. */
class KinksTest {
  private final TrialModel m = new TrialModel(new Random(1));

  /** The gradient of the sum of all outputs, of the only variable. */
  private double[] gradient(String output) {
    ModelProto model = m.build(output);
    Gradients step =
        new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR))
            .differentiate(ModelFile.of("kinks", model.toByteArray()));
    DoubleGraph judge = DoubleGraph.inference(model);
    Map<String, DoubleTensor> feeds = new HashMap<>(m.feeds());
    step.parameters().forEach(p -> feeds.put(p.name(), judge.initializer(p.name())));
    DoubleTensor y = judge.run(feeds).get(step.output());
    // The mean of (y - t)^2 has the slope 1 wherever y - t is half the number of elements.
    feeds.put("targets", y.map(v -> v - y.size() / 2.0));
    double input = m.feeds().values().iterator().next().single();
    DoubleTensor gradient =
        DoubleRuns.run(step.model(), feeds).get(step.parameters().get(0).gradient());
    return gradient.map(v -> v / input).values();
  }

  private String variable(double... values) {
    return m.variable(DoubleTensor.of(values, values.length));
  }

  private String constant(double... values) {
    return m.initializer(DoubleTensor.of(values, values.length));
  }

  private String scalar(double value) {
    return m.initializer(DoubleTensor.scalar(value));
  }

  @Test
  void reluIsFlatAtZero() {
    assertThat(gradient(m.node("Relu", variable(-1, 0, 1)))).containsExactly(0, 0, 1);
  }

  @Test
  void absIsFlatAtZero() {
    assertThat(gradient(m.node("Abs", variable(-1, 0, 1)))).containsExactly(-1, 0, 1);
  }

  @Test
  void clipLetsThroughAtItsBounds() {
    String y = m.node("Clip", variable(-2, -1, 0, 1, 2), scalar(-1), scalar(1));
    assertThat(gradient(y)).containsExactly(0, 1, 1, 1, 0);
  }

  @Test
  void theFirstOfEqualOperandsIsTheLargest() {
    String x = variable(1, 2, 3);
    assertThat(gradient(m.node("Max", x, constant(2, 2, 2)))).containsExactly(0, 1, 1);
  }

  @Test
  void theSecondOfEqualOperandsIsNot() {
    String x = variable(1, 2, 3);
    assertThat(gradient(m.node("Min", constant(2, 2, 2), x))).containsExactly(1, 0, 0);
  }

  @Test
  void whatIsBothOperandsGetsTheGradientOnce() {
    String x = variable(1, 2, 3);
    assertThat(gradient(m.node("Max", x, x))).containsExactly(1, 1, 1);
  }

  @Test
  void powerZeroIsFlatEverywhere() {
    assertThat(gradient(m.node("Pow", variable(0, 2), constant(0, 0)))).containsExactly(0, 0);
  }

  @Test
  void squaresAreFlatAtZero() {
    assertThat(gradient(m.node("Pow", variable(-3, 0, 3), scalar(2)))).containsExactly(-6, 0, 6);
  }

  @Test
  void powersOfZeroDoNotDependOnTheExponent() {
    double[] gradient = gradient(m.node("Pow", constant(0, 2), variable(1, 1)));
    assertThat(gradient).containsExactly(new double[] {0, 2 * Math.log(2)}, within(1e-6));
  }

  @Test
  void integersEndThePath() {
    String x = variable(1.5, 2.5);
    String whole = m.node("Cast", List.of(Nodes.integer("to", ElementType.INT64.number())), x);
    String back = m.node("Cast", List.of(Nodes.integer("to", ElementType.FLOAT.number())), whole);
    assertThat(gradient(m.node("Mul", x, back))).containsExactly(1, 2);
  }

  @Test
  void refusesPaddingByReflection() {
    String y =
        m.node("Pad", List.of(Nodes.string("mode", "reflect")), variable(1, 2, 3), m.int64s(1, 1));
    assertRefused(y, "(Pad): gradients pass padding by a constant only");
  }

  @Test
  void refusesAutomaticPaddingThatWouldBeNegative() {
    String y =
        m.node(
            "MaxPool",
            List.of(
                Nodes.string("auto_pad", "SAME_UPPER"),
                Nodes.integers("kernel_shape", 1),
                Nodes.integers("strides", 3)),
            m.variable(1, 1, 6));
    assertRefused(y, "(MaxPool): auto_pad says nothing clear where strides are longer");
  }

  @Test
  void refusesFloat64Between() {
    AttributeProto wide = Nodes.integer("to", ElementType.DOUBLE.number());
    AttributeProto narrow = Nodes.integer("to", ElementType.FLOAT.number());
    String x = m.node("Cast", List.of(wide), variable(1, 2));
    String y = m.node("Cast", List.of(narrow), m.node("Sigmoid", x));
    assertRefused(y, "(Sigmoid): computes in float64, gradients are float32");
  }

  /** The body of an If names what it reads itself; the node lists no such input. */
  @Test
  void refusesBodiesThatReadWhatTrains() {
    String x = variable(1, 2);
    GraphProto body =
        ModelBuilder.model(18)
            .node("Neg", List.of(x), List.of("negative"), "neg")
            .output("negative", ElementType.FLOAT, 2)
            .graph();
    String y =
        m.node(
            "If",
            List.of(Nodes.graph("then_branch", body), Nodes.graph("else_branch", body)),
            m.booleans(new boolean[] {true}));
    assertRefused(m.node("Add", x, y), "no rule tells how gradients pass If");
  }

  @Test
  void refusesBoundsThatTrain() {
    String bound = m.node("ReduceSum", List.of(Nodes.integer("keepdims", 0)), variable(1, 2));
    assertRefused(
        m.node("Clip", variable(1, 2), bound), "(Clip): no rule tells the gradient of its input '");
  }

  @Test
  void refusesSlicesWhoseBoundsAreComputed() {
    String x = variable(1, 2, 3);
    String end = m.fed(DoubleTensor.integers(new double[] {2}, 1), 1);
    String y = m.node("Slice", x, m.int64s(0), end);
    String sum = m.node("ReduceSum", List.of(Nodes.integer("keepdims", 0)), y);
    assertRefused(sum, "(Slice): its bounds are computed in the run: make them constants");
  }

  private void assertRefused(String output, String what) {
    ModelFile model = ModelFile.of("kinks", m.build(output).toByteArray());
    assertThatThrownBy(
            () -> new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR)).differentiate(model))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining(what)
        .message()
        .doesNotContain("\n");
  }
}
