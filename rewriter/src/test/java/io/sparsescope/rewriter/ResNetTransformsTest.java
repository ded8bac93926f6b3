package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All places of a real model. */
class ResNetTransformsTest {
  private static final int LAYERS = 20;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nearest,16,8",
        "zero,16,8",
        "down,16,8",
        "stochastic,16,8",
        "logarithmic",
        "half",
        "ternary,0.1",
        "topk,0.5",
        "nm,2,4"
      })
  void bakedWeightsAnswerAsNodesDo(String spec) {
    float[] nodes = run(weights(spec, false));
    float[] baked = run(weights(spec, true));
    assertThat(baked).isEqualTo(nodes).isNotEqualTo(run(Rules.NONE));
  }

  @Test
  void fineFixedPointEverywhereChangesLittleAndCoarseChangesMuch() {
    float[] plain = run(Rules.NONE);
    double scale = 0;
    for (float v : plain) {
      scale = Math.max(scale, Math.abs(v));
    }
    assertThat(distance(run(everywhere("nearest,32,20")), plain)).isBetween(1e-9, 1e-3 * scale);
    assertThat(distance(run(everywhere("nearest,8,1")), plain)).isGreaterThan(0.05 * scale);
  }

  @Test
  void everyLayerHasItsPlaces() {
    try (ModelFile model = open()) {
      Rewrite r = new Rewriter(everywhere("half"), false, true).plan(model);
      assertThat(r.skipped().stream().filter(s -> !s.reason().startsWith("the layer is one node")))
          .isEmpty();
      List<String> kinds = r.transformations().stream().map(Transformation::kind).toList();
      assertThat(kinds.stream().filter("weight"::equals)).hasSize(LAYERS);
      assertThat(kinds.stream().filter("activation"::equals)).hasSize(LAYERS);
      assertThat(kinds).contains("intrinsic");
    }
  }

  private static Rules weights(String spec, boolean bake) {
    Rule rule = Rule.of("**", spec, false, false, bake, false);
    return new Rules(List.of(rule), List.of(), List.of(), Map.of());
  }

  private static Rules everywhere(String spec) {
    Rule all = Rule.of("**", spec, false, false, false, false);
    Rule layers = Rule.of("layer:*", spec, false, false, false, false);
    return new Rules(List.of(all), List.of(layers), List.of(), Map.of())
        .and(Rules.NONE.withIntrinsic(List.of(all)));
  }

  private static ModelFile open() {
    Path file = SharedModels.find("resnet20_cifar10/resnet20_cifar10.onnx");
    return ModelFile.open(file);
  }

  private static float[] run(Rules rules) {
    try (ModelFile model = open()) {
      Rewrite r = new Rewriter(rules, false, true).plan(model);
      float[] x = new float[2 * 3 * 32 * 32];
      Random random = new Random(9);
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      Map<String, Tensor> outputs =
          Ort.run(r.edit().toBytes(), Map.of("input", Tensor.floats(x, 2, 3, 32, 32)));
      return new ArrayList<>(outputs.values()).get(0).floats();
    }
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
