package io.sparsescope.rewriter.gradient.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Residuals over steps whose gradients are fed, against plain loops in float32. */
class ResidualsTest {
  private static final int SIZE = 40;
  private static final float RATE = 0.5f;

  private static ModelProto step() {
    return ModelBuilder.model(18)
        .input("w", ElementType.FLOAT, SIZE)
        .input("g", ElementType.FLOAT, SIZE)
        .node("Identity", List.of("g"), List.of("gradient:w"), "gradient:loss")
        .output("gradient:w", ElementType.FLOAT, SIZE)
        .build();
  }

  private static final List<StateSlot> W = List.of(StateSlot.of("w", List.of((long) SIZE)));

  private static byte[] model(Rule... rules) {
    ModelProto updated = Update.append(step(), List.of("w"), new Sgd(0, false)).model();
    Residuals residuals = Residuals.of(updated, W);
    assertThat(residuals.slots())
        .containsExactly(new StateSlot("w/residual", "w/residual/next", List.of((long) SIZE)));
    ModelFile model = ModelFile.of("step", residuals.model().toByteArray());
    return new Rewriter(Rules.NONE.withGradients(List.of(rules)), false, false)
        .plan(model)
        .edit()
        .toBytes();
  }

  private static float[] gradient(Random random) {
    float[] g = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      g[i] = (float) random.nextGaussian();
    }
    return g;
  }

  private static Map<String, Tensor> run(byte[] model, float[] w, float[] g, float[] r) {
    return Ort.run(
        model,
        Map.of(
            "w",
            Tensor.floats(w, SIZE),
            "g",
            Tensor.floats(g, SIZE),
            "w/residual",
            Tensor.floats(r, SIZE),
            Optimizer.LEARNING_RATE,
            Tensor.floats(new float[] {RATE})));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 3})
  void whatAThresholdCutsOffComesBackInTheNextStep(double t) {
    byte[] model = model(Rule.of("w", "sparse," + t, false, false, false, false));
    Random random = new Random(5);
    float[] w = gradient(random);
    float[] r = new float[SIZE];
    float[] wLoop = w.clone();
    float[] rLoop = new float[SIZE];
    int cut = 0;
    for (int step = 0; step < 8; step++) {
      float[] g = gradient(random);
      Map<String, Tensor> out = run(model, w, g, r);
      for (int i = 0; i < SIZE; i++) {
        float sum = g[i] + rLoop[i];
        boolean kept = Math.abs(sum) >= (float) t;
        wLoop[i] -= kept ? RATE * sum : 0;
        rLoop[i] = kept ? 0 : sum;
        cut += kept ? 0 : 1;
      }
      w = out.get("w/next").floats();
      r = out.get("w/residual/next").floats();
      assertThat(w).containsExactly(wLoop);
      assertThat(r).containsExactly(rLoop);
    }
    assertThat(cut).isBetween(SIZE, 8 * SIZE - 1);
  }

  @Test
  void withoutARuleNothingIsHeldBack() {
    Random random = new Random(6);
    float[] w = gradient(random);
    float[] g = gradient(random);
    float[] r = gradient(random);
    Map<String, Tensor> out = run(model(), w, g, r);
    float[] next = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      next[i] = w[i] - RATE * (g[i] + r[i]);
    }
    assertThat(out.get("w/next").floats()).containsExactly(next);
    assertThat(out.get("w/residual/next").floats()).containsOnly(0);
  }

  @Test
  void aParameterWithoutGradientHasNoResidual() {
    assertThatThrownBy(() -> Residuals.of(step(), List.of(StateSlot.of("v", List.of((long) SIZE)))))
        .isInstanceOf(RewriteException.class)
        .hasMessage("the step graph has no gradient:v that could have a residual");
  }
}
