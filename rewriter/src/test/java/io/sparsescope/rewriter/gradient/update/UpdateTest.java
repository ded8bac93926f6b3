package io.sparsescope.rewriter.gradient.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.rewriter.RewriteException;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Updates run by ONNX Runtime, against plain loops in double. */
class UpdateTest {
  private static final int SIZE = 6;
  private static final int STEPS = 5;

  /** A plain loop's step: changes the parameter and what is remembered, in double. */
  private interface Loop {
    void step(int t, double rate, double[] w, double[][] memory, double[] g);
  }

  @Test
  void plainDescentSubtractsRateTimesGradient() throws OrtException {
    compare(
        new Sgd(0, false),
        (t, rate, w, memory, g) -> {
          for (int i = 0; i < SIZE; i++) {
            w[i] -= rate * g[i];
          }
        });
  }

  @Test
  void momentumAccumulatesGradientsAsTensorFlowDoes() throws OrtException {
    compare(
        new Sgd(0.9, false),
        (t, rate, w, memory, g) -> {
          for (int i = 0; i < SIZE; i++) {
            memory[0][i] = 0.9 * memory[0][i] + g[i];
            w[i] -= rate * memory[0][i];
          }
        });
  }

  @Test
  void nesterovLooksOneStepAhead() throws OrtException {
    compare(
        new Sgd(0.8, true),
        (t, rate, w, memory, g) -> {
          for (int i = 0; i < SIZE; i++) {
            memory[0][i] = 0.8 * memory[0][i] + g[i];
            w[i] -= rate * (g[i] + 0.8 * memory[0][i]);
          }
        });
  }

  @Test
  void adamCorrectsItsMomentsForTheStep() throws OrtException {
    compare(
        new Adam(0.9, 0.99, 1e-6),
        (t, rate, w, memory, g) -> {
          for (int i = 0; i < SIZE; i++) {
            memory[0][i] = 0.9 * memory[0][i] + 0.1 * g[i];
            memory[1][i] = 0.99 * memory[1][i] + 0.01 * g[i] * g[i];
            double first = memory[0][i] / (1 - Math.pow(0.9, t));
            double second = memory[1][i] / (1 - Math.pow(0.99, t));
            w[i] -= rate * first / (Math.sqrt(second) + 1e-6);
          }
        });
  }

  private static void compare(Optimizer optimizer, Loop loop) throws OrtException {
    Update update = Update.append(steps().build(), List.of("a", "b"), optimizer);
    SplittableRandom random = new SplittableRandom(7);
    Map<String, double[]> expected = new HashMap<>();
    Map<String, float[]> state = new HashMap<>();
    for (StateSlot slot : update.parameters()) {
      expected.put(slot.input(), new double[SIZE]);
      state.put(slot.input(), new float[SIZE]);
    }
    update.memory().forEach(slot -> state.put(slot.input(), new float[SIZE]));
    Map<String, double[][]> memory = Map.of("a", new double[2][SIZE], "b", new double[2][SIZE]);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(update.model().toByteArray())) {
      for (int t = 1; t <= STEPS; t++) {
        double rate = 0.125 / t;
        float[] x = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
          x[i] = (float) random.nextDouble(-2, 2);
        }
        run(session, update, state, optimizer.scalars(t, rate), x);
        for (Map.Entry<String, double[]> w : expected.entrySet()) {
          double[] g = new double[SIZE];
          for (int i = 0; i < SIZE; i++) {
            // The gradients that the graph of steps() computes.
            g[i] = w.getKey().equals("a") ? x[i] : -x[i];
          }
          loop.step(t, rate, w.getValue(), memory.get(w.getKey()), g);
        }
      }
    }
    for (Map.Entry<String, double[]> w : expected.entrySet()) {
      for (int i = 0; i < SIZE; i++) {
        assertThat((double) state.get(w.getKey())[i]).isCloseTo(w.getValue()[i], within(2e-6));
        assertThat(w.getValue()[i]).isNotZero();
      }
    }
  }

  private static void run(
      OrtSession session,
      Update update,
      Map<String, float[]> state,
      Map<String, Float> scalars,
      float[] x)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      long[] dims = {2, 3};
      inputs.put("x", OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), dims));
      for (Map.Entry<String, float[]> s : state.entrySet()) {
        FloatBuffer values = FloatBuffer.wrap(s.getValue());
        inputs.put(s.getKey(), OnnxTensor.createTensor(environment, values, dims));
      }
      for (Map.Entry<String, Float> s : scalars.entrySet()) {
        FloatBuffer value = FloatBuffer.wrap(new float[] {s.getValue()});
        inputs.put(s.getKey(), OnnxTensor.createTensor(environment, value, new long[0]));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (StateSlot slot : concat(update)) {
          OnnxTensor next = (OnnxTensor) result.get(slot.output()).orElseThrow();
          next.getFloatBuffer().get(state.get(slot.input()));
        }
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static List<StateSlot> concat(Update update) {
    return java.util.stream.Stream.concat(update.parameters().stream(), update.memory().stream())
        .toList();
  }

  /** A "step graph" whose gradients are x and its negative. */
  private static ModelBuilder steps() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, 2, 3)
        .input("a", ElementType.FLOAT, 2, 3)
        .input("b", ElementType.FLOAT, 2, 3)
        .node("Identity", List.of("x"), List.of("gradient:a"), "ga")
        .node("Neg", List.of("x"), List.of("gradient:b"), "gb");
  }

  @Test
  void readsWhatItWrites() {
    for (String text :
        List.of("sgd", "momentum:0.9", "nesterov:0.95", "adam:0.9,0.999,1.0E-8", "momentum:0.5")) {
      assertThat(Optimizer.parse(text).text()).isEqualTo(text);
    }
    assertThat(Optimizer.parse("adam")).isEqualTo(new Adam(0.9, 0.999, 1e-8));
    assertThat(Optimizer.parse("momentum")).isEqualTo(new Sgd(0.9, false));
    assertThat(Optimizer.parse("adam:0.8,0.9")).isEqualTo(new Adam(0.8, 0.9, 1e-8));
  }

  @Test
  void refusesOptimizersThatMakeNoSense() {
    assertThatThrownBy(() -> Optimizer.parse("rmsprop"))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "optimizer 'rmsprop': write sgd, momentum:0.9, nesterov:0.9 or adam:0.9,0.999,1e-8");
    assertThatThrownBy(() -> Optimizer.parse("momentum:1"))
        .hasMessage("momentum 1.0: give a number of at least 0 and less than 1");
    assertThatThrownBy(() -> Optimizer.parse("momentum:x"))
        .hasMessageContaining("'x' is no number");
    assertThatThrownBy(() -> Optimizer.parse("adam:0.9")).hasMessageContaining("write sgd");
    assertThatThrownBy(() -> Optimizer.parse("adam:0.9,2")).hasMessageContaining("betas 0.9, 2.0");
    assertThatThrownBy(() -> new Adam(0.9, 0.9, 0)).hasMessageContaining("epsilon 0.0");
    assertThatThrownBy(() -> new Sgd(Double.NaN, false)).hasMessageContaining("momentum NaN");
  }

  @Test
  void refusesParametersThatTheGraphDoesNotHave() {
    assertThatThrownBy(() -> Update.append(steps().build(), List.of("c"), new Sgd(0, false)))
        .isInstanceOf(RewriteException.class)
        .hasMessage("parameter c is no float32 input of known shape of the step graph");
    assertThatThrownBy(() -> Update.append(steps().build(), List.of("x"), new Sgd(0, false)))
        .hasMessage("the step graph has no gradient of parameter x; differentiate it by that");
  }
}
