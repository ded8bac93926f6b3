package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.proto.ModelProto;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Each operator's rule by itself, against central differences in float64. */
class GradientRulesTest {
  private static final double TOLERANCE = 1e-5;
  private static final int LOOKED_AT = 40;
  private static final double LEAST = 0.05;

  @Property(tries = 6, seed = "1")
  void gradientsPassElementwiseOperators(@ForAll long seed) {
    ElementTrials.TRIALS.forEach((operator, trial) -> check(operator, trial, seed));
  }

  @Property(tries = 8, seed = "1")
  void gradientsPassOperatorsThatMoveElements(@ForAll long seed) {
    LayoutTrials.TRIALS.forEach((operator, trial) -> check(operator, trial, seed));
  }

  @Property(tries = 16, seed = "1")
  void gradientsPassLayers(@ForAll long seed) {
    LayerTrials.TRIALS.forEach((operator, trial) -> check(operator, trial, seed));
  }

  private static void check(String operator, Trial trial, long seed) {
    TrialModel m = new TrialModel(new Random(seed), operator.equals("Gelu") ? 20 : 18);
    ModelProto model = m.build(trial.build(m));
    GradientTrial run = new GradientTrial(model, m.feeds(), null, m.random());
    assertThat(run.gradients().parameters())
        .extracting(Parameter::name)
        .containsAll(m.parameters());
    run.assertExact(TOLERANCE, LOOKED_AT, LEAST);
  }
}
