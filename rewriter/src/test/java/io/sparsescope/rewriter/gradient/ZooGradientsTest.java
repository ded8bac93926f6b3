package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.rewriter.Ort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Gradients of whole nets on ONNX Runtime against PyTorch's in float64: fixtures made by {@code
 * src/test/python/gradients.py}. Errors are relative to a tensor's largest element; of sums over a
 * tensor to the sum of its absolute values.
 */
class ZooGradientsTest {
  private static final double WORST = 1e-5;

  @ParameterizedTest
  @FieldSource("io.sparsescope.rewriter.gradient.ZooStep#ALL")
  void gradientsAreThoseOfFloat64(ZooStep step) throws IOException {
    byte[] bytes = step.model();
    ModelFile model = ModelFile.of(step.net().label(), bytes);
    List<TensorProto> inputs = step.inputs(model);
    Fixture fixture = Fixture.read(step.net().label());
    assertThat(ZooStep.sha256(bytes, inputs))
        .as("the step has changed: make its fixture again by gradients.py")
        .isEqualTo(fixture.step);

    Differentiator differentiator = new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY));
    check(step, fixture, run(model, differentiator, inputs));
    check(step, fixture, run(model, differentiator.batchInnermost(), inputs));
  }

  private static void check(ZooStep step, Fixture fixture, Map<String, Ort.Tensor> outputs) {
    assertThat(outputs.keySet()).containsAll(fixture.tensors.keySet());
    assertThat((double) outputs.get("loss").floats()[0])
        .isCloseTo(fixture.loss, within(WORST * fixture.loss));
    Map<String, Double> errors = new LinkedHashMap<>();
    fixture.tensors.forEach(
        (name, expected) -> errors.put(name, expected.error(outputs.get(name).floats())));
    double worst = errors.values().stream().mapToDouble(error -> error).max().orElseThrow();
    System.out.printf(
        "%s: %d tensors, worst relative error %.1e%n", step.net().label(), errors.size(), worst);
    assertThat(errors).allSatisfy((name, error) -> assertThat(error).isLessThan(WORST));
  }

  private static Map<String, Ort.Tensor> run(
      ModelFile model, Differentiator differentiator, List<TensorProto> inputs) {
    Gradients step = differentiator.differentiate(model);
    Map<String, Ort.Tensor> feeds = new LinkedHashMap<>();
    for (TensorProto input : inputs) {
      feeds.put(
          input.getName(),
          new Ort.Tensor(
              ElementType.of(input.getDataType()),
              input.getDimsList().stream().mapToLong(dim -> dim).toArray(),
              input.getRawData().asReadOnlyByteBuffer()));
    }
    step.parameters().forEach(p -> feeds.put(p.name(), stored(model, p.initializer())));
    step.statistics().forEach(s -> feeds.put(s.name(), stored(model, s.initializer())));
    return Ort.run(step.model().toByteArray(), feeds);
  }

  private static Ort.Tensor stored(ModelFile model, Initializer initializer) {
    TensorData data = model.data(initializer);
    long[] dims = initializer.dims().stream().mapToLong(dim -> dim).toArray();
    return new Ort.Tensor(initializer.type(), dims, data.toBuffer());
  }

  /**
   * What the script wrote of one net.
   *
   * @param step SHA-256 of what the step computes with
   * @param loss the loss
   * @param tensors gradients and next statistics, by the names of the step graph's outputs
   */
  private record Fixture(String step, double loss, Map<String, Summary> tensors) {
    static Fixture read(String net) throws IOException {
      try (InputStream in = Fixture.class.getResourceAsStream("/gradients/" + net + ".txt")) {
        Iterator<String[]> lines =
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(" "))
                .iterator();
        String step = lines.next()[1];
        double loss = Double.parseDouble(lines.next()[1]);
        Map<String, Summary> tensors = new LinkedHashMap<>();
        while (lines.hasNext()) {
          String[] tensor = lines.next();
          int elements = Integer.parseInt(tensor[2]);
          tensors.put(tensor[1], new Summary(elements, reals(lines.next()), reals(lines.next())));
        }
        return new Fixture(step, loss, tensors);
      }
    }

    private static double[] reals(String[] texts) {
      return Arrays.stream(texts).mapToDouble(Double::parseDouble).toArray();
    }
  }

  /**
   * A tensor in short.
   *
   * @param elements how many it has
   * @param sums sum, sum with signs by place, sum of absolute values, largest absolute value
   * @param sample some elements
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by its parts only.
  private record Summary(int elements, double[] sums, double[] sample) {

    double error(float[] values) {
      assertThat(values).hasSize(elements);
      double sum = 0;
      double signed = 0;
      double absolute = 0;
      for (int i = 0; i < elements; i++) {
        boolean negative = ((i * 2654435761L >> 16) & 1) == 1;
        sum += values[i];
        signed += negative ? -values[i] : values[i];
        absolute += Math.abs(values[i]);
      }
      double worst = 0;
      for (double difference : new double[] {sum - sums[0], signed - sums[1], absolute - sums[2]}) {
        worst = Math.max(worst, Math.abs(difference) / sums[2]);
      }
      for (int i = 0; i < sample.length; i++) {
        float value = values[(int) (sample.length == elements ? i : i * 2654435761L % elements)];
        worst = Math.max(worst, Math.abs(value - sample[i]) / sums[3]);
      }
      return worst;
    }
  }
}
