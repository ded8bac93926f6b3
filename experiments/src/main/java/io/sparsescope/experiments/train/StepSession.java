package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.rewriter.gradient.Gradients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs steps of training. Used by the thread that made it, which should be one of its own: from
 * then on denormal numbers are zero to it.
 */
final class StepSession implements AutoCloseable {
  /**
   * Momentum of a gradient that stays zero fades into denormal numbers, with which a processor is
   * several times slower.
   */
  private static final String FLUSH_DENORMALS = "session.set_denormal_as_zero";

  /**
   * All but the blocked layout: convolutions whose kernels are inputs cannot have it, and pools
   * that do must be brought into it and back, which takes longer than it saves.
   */
  private static final OrtSession.SessionOptions.OptLevel LEVEL =
      OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;

  private final StepModel model;
  private final StepState state;
  private final OrtSession session;
  private final DirectTensor loss = DirectTensor.of(Gradients.LOSS, ElementType.FLOAT, List.of());
  private final Map<String, DirectTensor> scalars = new HashMap<>();

  /**
   * @param state is read and written by the steps; stays open
   */
  StepSession(StepModel model, StepState state, int threads) {
    this.model = model;
    this.state = state;
    session =
        OrtSessions.open(
            model.model(),
            model.edit(),
            options -> {
              options.setIntraOpNumThreads(threads);
              options.setOptimizationLevel(LEVEL);
              options.addConfigEntry(FLUSH_DENORMALS, "1");
            });
    for (String name : model.optimizer().scalars(1, 1).keySet()) {
      scalars.put(name, DirectTensor.of(name, ElementType.FLOAT, List.of()));
    }
  }

  /**
   * Runs a step. The state goes on to the next one only if the loss is finite.
   *
   * @param step its number, from 0
   * @param feed records, truth and masks
   * @param watched further outputs to write
   * @return the loss
   */
  float run(long step, double rate, Map<String, OnnxTensor> feed, Map<String, OnnxTensor> watched) {
    Map<String, OnnxTensor> inputs = inputs(step, rate, feed);
    Map<String, OnnxTensor> outputs = state.outputs();
    outputs.putAll(watched);
    outputs.put(Gradients.LOSS, loss.tensor());
    try (OrtSession.Result result = session.run(inputs, Set.of(), outputs)) {
      float value = loss.values().getFloat();
      if (Float.isFinite(value)) {
        state.advance();
      }
      return value;
    } catch (OrtException e) {
      throw new ExperimentException(
          "step "
              + (step + 1)
              + " fails in ONNX Runtime ("
              + OrtSessions.oneLine(e)
              + "); check that the data fits the model",
          e);
    }
  }

  /** All that a step is fed. */
  Map<String, OnnxTensor> inputs(long step, double rate, Map<String, OnnxTensor> feed) {
    model
        .optimizer()
        .scalars(step + 1, rate)
        .forEach((name, value) -> scalars.get(name).memory().putFloat(0, value));
    Map<String, OnnxTensor> inputs = state.inputs();
    inputs.putAll(feed);
    scalars.forEach((name, scalar) -> inputs.put(name, scalar.tensor()));
    return inputs;
  }

  @Override
  public void close() {
    scalars.values().forEach(DirectTensor::close);
    loss.close();
    OrtSessions.close("the step", session);
  }
}
