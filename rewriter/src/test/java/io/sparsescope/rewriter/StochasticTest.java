package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stochastic rounding: by its seed alone, and right on average. */
class StochasticTest {
  private static final int MANY = 100_000;

  @ParameterizedTest
  @ValueSource(floats = {0.3f, -0.3f, 2.75f, -2.75f, 0.5f, 0.001f, 126.9f})
  void meanOfManyIsTheValueAndEachIsANeighbour(float value) throws OrtException {
    float[] x = new float[MANY];
    Arrays.fill(x, value);
    float[] y = run(13, "stochastic,8,0", 1, x, 1, MANY);
    double sum = 0;
    Set<Float> seen = new HashSet<>();
    for (float r : y) {
      sum += r;
      seen.add(r);
    }
    double fraction = value - Math.floor(value);
    double deviation = Math.sqrt(fraction * (1 - fraction) / MANY);
    assertThat(sum / MANY).isCloseTo(value, within(5 * deviation));
    // Zero keeps the sign: -0 is a neighbour of -0.3.
    assertThat(seen)
        .isSubsetOf((float) Math.floor(value), (float) Math.ceil(value), -0.0f)
        .hasSize(2);
  }

  @Test
  void sameSeedSameResultsInFreshSessionsOnAnyNumberOfThreads() throws OrtException {
    float[] x = new float[MANY];
    Random random = new Random(5);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian() * 3;
    }
    float[] one = run(13, "stochastic,8,2", 1, x, 10, MANY / 10);
    assertThat(run(13, "stochastic,8,2", 1, x, 10, MANY / 10)).isEqualTo(one);
    assertThat(run(13, "stochastic,8,2", 4, x, 10, MANY / 10)).isEqualTo(one);
    assertThat(run(11, "stochastic,8,2,0", 2, x, 10, MANY / 10)).isEqualTo(one);
    assertThat(run(13, "stochastic,8,2,1", 1, x, 10, MANY / 10)).isNotEqualTo(one);
    // A record alone is what it is in a batch.
    float[] last = Arrays.copyOfRange(x, MANY - MANY / 10, MANY);
    assertThat(run(13, "stochastic,8,2", 1, last, 1, MANY / 10))
        .isEqualTo(Arrays.copyOfRange(one, MANY - MANY / 10, MANY));
    for (int i = 0; i < x.length; i++) {
      assertThat(Math.abs(one[i] - x[i])).isLessThan(0.25f);
    }
  }

  /** Neighbours in place are independent: each pair of outcomes as often as chance has it. */
  @Test
  void neighboursAreIndependent() throws OrtException {
    float[] x = new float[MANY];
    Arrays.fill(x, 0.5f);
    x[0] = 0.25f;
    float[] y = run(13, "stochastic,8,0", 1, x, 1, MANY);
    for (int distance : new int[] {1, 2, 3, 64, 1000}) {
      int[] pairs = new int[4];
      for (int i = 1; i + distance < MANY; i++) {
        pairs[(int) (2 * y[i] + y[i + distance])]++;
      }
      for (int p : pairs) {
        assertThat(p).as("distance %s", distance).isCloseTo(MANY / 4, within(MANY / 80));
      }
    }
    // One element changed, and the numbers are others everywhere.
    x[0] = 0.75f;
    float[] other = run(13, "stochastic,8,0", 1, x, 1, MANY);
    int same = 0;
    for (int i = 1; i < MANY; i++) {
      same += y[i] == other[i] ? 1 : 0;
    }
    assertThat(same).isCloseTo(MANY / 2, within(MANY / 80));
  }

  @Test
  void specialValuesAreRoundedAsByDown() throws OrtException {
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {Float.NaN, inf, -inf, 200, -200, 5, -5, 0};
    assertThat(run(13, "stochastic,8,0", 1, x, 1, 8))
        .containsExactly(Float.NaN, 127, -128, 127, -128, 5, -5, 0);
  }

  private static float[] run(int opset, String spec, int threads, float[] x, long... shape)
      throws OrtException {
    ModelBuilder model =
        ModelBuilder.model(opset)
            .input("x", ElementType.FLOAT, -1, -1)
            .node("Identity", List.of("x"), List.of("y"), "n")
            .output("y", ElementType.FLOAT, -1, -1);
    Rule rule = Rule.of("n", spec, false, false, false, false);
    Rules rules = new Rules(List.of(), List.of(rule), List.of(), Map.of());
    Rewrite r = new Rewriter(rules, false, true).plan(model.toModel("m"));
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      try (OrtSession session = Ort.ENVIRONMENT.createSession(r.edit().toBytes(), options)) {
        return Ort.run(session, Map.of("x", Tensor.floats(x, shape))).get("y").floats();
      }
    }
  }
}
