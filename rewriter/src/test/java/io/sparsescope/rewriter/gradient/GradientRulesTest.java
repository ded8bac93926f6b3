package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.proto.ModelProto;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Each operator's rule by itself, against central differences in float64. */
class GradientRulesTest {
  private static final double TOLERANCE = 1e-5;
  private static final double LEAST = 0.05;

  @Provide
  Arbitrary<String> elements() {
    return Arbitraries.of(known(ElementTrials.TRIALS.keySet()));
  }

  @Provide
  Arbitrary<String> layouts() {
    return Arbitraries.of(known(LayoutTrials.TRIALS.keySet()));
  }

  @Provide
  Arbitrary<String> layers() {
    return Arbitraries.of(known(LayerTrials.TRIALS.keySet()));
  }

  private static java.util.List<String> known(java.util.Set<String> all) {
    return all.stream()
        .filter(o -> GradientRules.standard().of(o.split(" ")[0]).isPresent())
        .toList();
  }

  @Property(tries = 160, seed = "1")
  void gradientsPassElementwiseOperators(@ForAll("elements") String operator, @ForAll long seed) {
    check(operator, ElementTrials.TRIALS.get(operator), seed);
  }

  @Property(tries = 120, seed = "1")
  void gradientsPassOperatorsThatMoveElements(
      @ForAll("layouts") String operator, @ForAll long seed) {
    check(operator, LayoutTrials.TRIALS.get(operator), seed);
  }

  @Property(tries = 200, seed = "1")
  void gradientsPassLayers(@ForAll("layers") String operator, @ForAll long seed) {
    check(operator, LayerTrials.TRIALS.get(operator), seed);
  }

  private static void check(String operator, Trial trial, long seed) {
    TrialModel m = new TrialModel(new Random(seed), operator.equals("Gelu") ? 20 : 18);
    ModelProto model = m.build(trial.build(m));
    GradientTrial run = new GradientTrial(model, m.feeds(), null, m.random());
    assertThat(run.gradients().parameters())
        .extracting(Parameter::name)
        .containsAll(m.parameters());
    run.assertExact(TOLERANCE, LEAST);
  }
}
