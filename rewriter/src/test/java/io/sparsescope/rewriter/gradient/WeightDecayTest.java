package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** With weight decay l2, a weight's gradient is l2 times the weight more than without. */
class WeightDecayTest {
  private static final double L2 = 0.25;

  private final Random random = new Random(11);
  private final Map<String, Tensor> inputs = new HashMap<>();

  @Test
  void ofMatricesInGemmWhereItsFactorsAreNotOne() {
    ModelBuilder model = model(3, 4);
    weight(model, "w", 5, 4);
    model.node(
        "Gemm",
        List.of("x", "w"),
        List.of("y"),
        "fc",
        Nodes.integer("transB", 1),
        Nodes.real("alpha", 0.5f));

    assertDecay(model, "w", 3, 5);
  }

  @Test
  void ofMatricesInMatMul() {
    ModelBuilder model = model(3, 4);
    weight(model, "w", 4, 5);
    model.node("MatMul", List.of("x", "w"), List.of("y"), "fc");

    assertDecay(model, "w", 3, 5);
  }

  @Test
  void onceOfWeightsThatTwoNodesShare() {
    ModelBuilder model = model(3, 4);
    weight(model, "w", 4, 4);
    model.node("Gemm", List.of("x", "w"), List.of("h"), "fc1");
    model.node("Gemm", List.of("h", "w"), List.of("y"), "fc2");

    assertDecay(model, "w", 3, 4);
  }

  @Test
  void ofKernelsOfOneElement() {
    assertConvDecay(1, 1, 3, 4);
  }

  @Test
  void ofKernelsWhoseInputIsLaidOut() {
    assertConvDecay(3, 1, 1, 2);
  }

  @Test
  void ofKernelsWhoseInputAndGradientAreLaidOutInPart() {
    assertConvDecay(5, 1, 8, 8);
  }

  @Test
  void ofKernelsInGroups() {
    assertConvDecay(3, 2, 4, 4);
  }

  private void assertConvDecay(int kernel, int groups, int channels, int maps) {
    int size = 6;
    int out = size - kernel + 1;
    ModelBuilder model = model(3, channels, size, size);
    weight(model, "w", maps, channels / groups, kernel, kernel);
    model.node("Conv", List.of("x", "w"), List.of("y"), "conv", Nodes.integer("group", groups));

    assertDecay(model, "w", 3, maps, out, out);
  }

  private ModelBuilder model(long... x) {
    inputs.put("x", Tensor.floats(drawn(x), x));
    return ModelBuilder.model(18).input("x", ElementType.FLOAT, x);
  }

  private void weight(ModelBuilder model, String name, long... dims) {
    float[] values = drawn(dims);
    inputs.put(name, Tensor.floats(values, dims));
    model.initializer(name, values, dims);
  }

  private void assertDecay(ModelBuilder model, String weight, long... y) {
    model.output("y", ElementType.FLOAT, y);
    inputs.put("targets", Tensor.floats(drawn(y), y));

    float[] without = gradient(model, weight, 0);
    float[] with = gradient(model, weight, L2);

    float[] w = inputs.get(weight).floats();
    for (int i = 0; i < w.length; i++) {
      assertThat((double) with[i]).isCloseTo(without[i] + L2 * w[i], within(1e-5));
    }
  }

  private float[] gradient(ModelBuilder model, String weight, double l2) {
    Gradients step =
        new Differentiator(new Objective(Loss.MEAN_SQUARED_ERROR, 0, l2))
            .differentiate(model.toModel("decay"));
    return Ort.run(step.model().toByteArray(), inputs).get("gradient:" + weight).floats();
  }

  private float[] drawn(long... dims) {
    int elements = 1;
    for (long dim : dims) {
      elements *= (int) dim;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
