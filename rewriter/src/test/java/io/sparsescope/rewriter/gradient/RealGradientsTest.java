package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.SharedModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Exported models of several makers and opsets, as they come. */
class RealGradientsTest {
  private static final double STEP = 1e-3;

  private final Random random = new Random(11);

  /** Opset 8, ir_version 3, weights reshaped on their way into a MatMul, a pool of overlap. */
  @Test
  void mnistNetOfCntkTrains() throws IOException {
    check("mnist_cntk/mnist.onnx", "Input3", 6, 1, 1, 28, 28);
  }

  /** BatchNormalization behind every convolution; residuals, of which two skip by padding. */
  @Test
  void residualNetOfPyTorchTrains() throws IOException {
    check("resnet20_cifar10/resnet20_cifar10.onnx", "input", 59, 8, 3, 32, 32);
  }

  /**
   * The step graph says the same scores as the model (batch normalizations apart), and its
   * gradients tell how the loss changes along a random direction of all parameters at once.
   */
  private void check(String file, String input, int parameters, long... shape) throws IOException {
    Path path = SharedModels.find(file);
    try (ModelFile model = ModelFile.open(path)) {
      Gradients step =
          new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY)).differentiate(model);
      assertThat(step.parameters()).hasSize(parameters);
      byte[] bytes = step.model().toByteArray();
      Map<String, Tensor> feeds = feeds(model, step, input, shape);

      Map<String, Tensor> at = Ort.run(bytes, feeds);
      if (step.statistics().isEmpty()) {
        assertSameScores(path, step, feeds, at, input);
      }

      Map<String, float[]> direction = new HashMap<>();
      double expected = 0;
      for (Parameter p : step.parameters()) {
        float[] gradient = at.get(p.gradient()).floats();
        direction.put(p.name(), direction(gradient));
        for (int i = 0; i < gradient.length; i++) {
          expected += (double) gradient[i] * direction.get(p.name())[i];
        }
      }
      double above = Ort.run(bytes, moved(feeds, direction, STEP)).get("loss").floats()[0];
      double below = Ort.run(bytes, moved(feeds, direction, -STEP)).get("loss").floats()[0];
      assertThat(expected).isGreaterThan(0);
      assertThat((above - below) / (2 * STEP)).isCloseTo(expected, within(0.02 * expected));
    }
  }

  private static void assertSameScores(
      Path path, Gradients step, Map<String, Tensor> feeds, Map<String, Tensor> at, String input)
      throws IOException {
    Map<String, Tensor> plain = Ort.run(Files.readAllBytes(path), Map.of(input, feeds.get(input)));
    float[] expected = plain.get(step.output()).floats();
    float[] actual = at.get(step.output()).floats();
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
    }
  }

  private Map<String, Tensor> feeds(ModelFile model, Gradients step, String input, long... shape) {
    Map<String, Tensor> feeds = new HashMap<>();
    int size = 1;
    for (long d : shape) {
      size *= (int) d;
    }
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    feeds.put(input, Tensor.floats(x, shape));
    ByteBuffer labels = ByteBuffer.allocate((int) (8 * shape[0])).order(ByteOrder.LITTLE_ENDIAN);
    while (labels.hasRemaining()) {
      labels.putLong(random.nextInt(10));
    }
    feeds.put("labels", new Tensor(ElementType.INT64, new long[] {shape[0]}, labels.flip()));
    for (Parameter p : step.parameters()) {
      feeds.put(p.name(), stored(model, p.name(), p.dims()));
    }
    for (Statistic s : step.statistics()) {
      feeds.put(s.name(), stored(model, s.name(), s.initializer().dims()));
    }
    return feeds;
  }

  private static Tensor stored(ModelFile model, String name, List<Long> dims) {
    ByteBuffer data = model.data(model.graph().initializers().get(name)).toBuffer();
    float[] values = new float[data.remaining() / 4];
    data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return Tensor.floats(values, dims.stream().mapToLong(Long::longValue).toArray());
  }

  /** Half along the gradient, half at random, of length 1. */
  private float[] direction(float[] gradient) {
    double length = 0;
    for (float g : gradient) {
      length += (double) g * g;
    }
    length = Math.sqrt(length) + 1e-12;
    float[] direction = new float[gradient.length];
    for (int i = 0; i < direction.length; i++) {
      double noise = random.nextGaussian() / Math.sqrt(gradient.length);
      direction[i] = (float) (0.5 * gradient[i] / length + 0.5 * noise);
    }
    return direction;
  }

  private static Map<String, Tensor> moved(
      Map<String, Tensor> feeds, Map<String, float[]> direction, double step) {
    Map<String, Tensor> moved = new HashMap<>(feeds);
    direction.forEach(
        (name, d) -> {
          float[] values = feeds.get(name).floats();
          for (int i = 0; i < values.length; i++) {
            values[i] += (float) (step * d[i]);
          }
          moved.put(name, Tensor.floats(values, feeds.get(name).shape()));
        });
    return moved;
  }
}
