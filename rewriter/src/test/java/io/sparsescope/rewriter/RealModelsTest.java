package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.CountMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealModelsTest {
  private static final Rules TAPS = new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());

  @ParameterizedTest
  @CsvSource({
    "resnet20_cifar10/resnet20_cifar10.onnx, input, 1x3x32x32, 20",
    "resnet20_cifar10/resnet20_cifar10.onnx, input, 3x3x32x32, 20",
    "squeezenet_dc/squeezenet_dc.onnx, data, 1x3x227x227, 26",
    "mnist_cntk/mnist.onnx, Input3, 1x1x28x28, 3",
    "onnx_light/light_resnet50.onnx, gpu_0/data_0, 1x3x224x224, 54",
    "onnx_light/light_densenet121.onnx, data_0, 1x3x224x224, 121",
    "onnx_light/light_inception_v1.onnx, data_0, 1x3x224x224, 58",
    "onnx_light/light_squeezenet.onnx, data_0, 1x3x224x224, 26",
    "onnx_light/light_bvlc_alexnet.onnx, data_0, 1x3x224x224, 8",
  })
  void tapsAndZeroThresholdsLeaveOutputsAsTheyAre(
      String path, String input, String dims, int layers) throws IOException {
    Path file = SharedModels.find(path);
    Map<String, Tensor> feed = Map.of(input, random(dims));
    Map<String, Tensor> plain = Ort.run(Files.readAllBytes(file), feed);
    try (ModelFile model = ModelFile.open(file)) {
      Rewrite taps = new Rewriter(TAPS, false, true).plan(model);
      assertThat(taps.taps()).hasSize(layers).allMatch(Tap::countedInGraph);
      Map<String, Tensor> tapped = Ort.run(taps.edit().toBytes(), feed);
      assertSameOutputs(plain, tapped);

      ThresholdRule zero = new ThresholdRule("layer:*", 0, false, false, false);
      ThresholdRule all = new ThresholdRule("**", 0, false, false, false);
      Rules rules = new Rules(List.of(all), List.of(zero), List.of("layer:*"), Map.of());
      Rewrite both = new Rewriter(rules, true, true).plan(model);
      Map<String, Tensor> sparse = Ort.run(both.edit().toBytes(), feed);
      assertNearOutputs(plain, sparse);
      assertThat(Ort.counts(sparse)).isEqualTo(Ort.counts(tapped));
    }
  }

  /** Batch 3, every tapped tensor made an output beside its counts. */
  @ParameterizedTest
  @CsvSource({
    "resnet20_cifar10/resnet20_cifar10.onnx, input, 3x3x32x32, layer:*",
    "resnet20_cifar10/resnet20_cifar10.onnx, input, 3x3x32x32, **",
    "squeezenet_dc/squeezenet_dc.onnx, data, 3x3x227x227, layer:*",
    "mnist_cntk/mnist.onnx, Input3, 1x1x28x28, **",
  })
  void countsEqualLoopsOverTheTensors(String path, String input, String dims, String tap) {
    Rules rules = new Rules(List.of(), List.of(), List.of(tap), Map.of());
    for (CountMode mode : List.of(CountMode.EXACT, CountMode.FAST)) {
      assertCounts(path, input, dims, new Rewriter(rules, false, false, mode));
    }
  }

  private static void assertCounts(String path, String input, String dims, Rewriter rewriter) {
    try (ModelFile model = ModelFile.open(SharedModels.find(path))) {
      Rewrite rewrite = rewriter.plan(model);
      for (Tap t : rewrite.taps()) {
        if (t.countedInGraph() && !model.graph().isOutput(t.tensor())) {
          rewrite.edit().addOutput(ValueInfoProto.newBuilder().setName(t.tensor()).build());
        }
      }
      Map<String, Tensor> out = Ort.run(rewrite.edit().toBytes(), Map.of(input, random(dims)));
      List<List<Long>> counts = Ort.counts(out);
      for (Tap t : rewrite.taps()) {
        if (t.countedInGraph()) {
          float[] values = out.get(t.tensor()).floats();
          long zeros = 0;
          for (float v : values) {
            zeros += v == 0 ? 1 : 0;
          }
          assertThat(counts.get(t.row()))
              .as(t.tensor())
              .isEqualTo(List.of((long) values.length, zeros, 0L));
        }
      }
    }
  }

  @Test
  void aModelWithoutOpsetIsRefusedInOneLine() {
    Path file = SharedModels.find("malformed/super_resolution.onnx");
    assertThatThrownBy(
            () -> {
              try (ModelFile model = ModelFile.open(file)) {
                new Rewriter(TAPS, false, false).plan(model);
              }
            })
        .isInstanceOfAny(RewriteException.class, OnnxException.class)
        .hasMessageContaining("super_resolution.onnx")
        .hasMessageContaining("opset")
        .message()
        .doesNotContain("\n");
  }

  private static void assertSameOutputs(Map<String, Tensor> plain, Map<String, Tensor> other) {
    plain.forEach(
        (name, tensor) -> assertThat(other.get(name).values()).as(name).isEqualTo(tensor.values()));
  }

  /**
   * Where between a ReLU and the addition of a residual unit keeps ONNX Runtime from adding inside
   * the convolution (resnet20), which changes the order of additions and so last bits.
   */
  private static void assertNearOutputs(Map<String, Tensor> plain, Map<String, Tensor> other) {
    plain.forEach(
        (name, tensor) -> {
          float[] expected = tensor.floats();
          float[] actual = other.get(name).floats();
          for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i])
                .isCloseTo(expected[i], within(1e-5f * Math.abs(expected[i]) + 1e-6f));
          }
        });
  }

  private static Tensor random(String dims) {
    long[] shape = List.of(dims.split("x")).stream().mapToLong(Long::parseLong).toArray();
    int n = 1;
    for (long d : shape) {
      n *= (int) d;
    }
    Random random = new Random(7);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Tensor(ElementType.FLOAT, shape, Tensor.floats(values, shape).values());
  }
}
