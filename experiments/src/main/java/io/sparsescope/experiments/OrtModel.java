package io.sparsescope.experiments;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.TapReadout.RawTensor;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** An edited model in an ONNX Runtime session. Used by one thread. */
final class OrtModel implements AutoCloseable {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OrtModel(String name, OrtEnvironment environment, OrtSession session) {
    this.name = name;
    this.environment = environment;
    this.session = session;
  }

  /**
   * Creates a session over the edited model; files made on the way are deleted again.
   *
   * @throws ExperimentException if ONNX Runtime refuses the model
   */
  static OrtModel load(ModelFile model, ModelEdit edit) {
    OrtSession session = OrtSessions.open(model, edit, OrtSessions.Setting.DEFAULTS);
    return new OrtModel(model.name(), OrtEnvironment.getEnvironment(), session);
  }

  /** Version of ONNX Runtime. */
  String runtimeVersion() {
    return environment.getVersion();
  }

  /** Is given the outputs of a run: copies, by name. */
  interface Outputs {
    void accept(Map<String, RawTensor> values);
  }

  /**
   * Runs the model.
   *
   * @param outputs names of the outputs to be computed; all of them if empty
   * @param where what messages call the inputs
   */
  void run(Map<String, TensorValue> inputs, Set<String> outputs, String where, Outputs then) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, TensorValue> input : inputs.entrySet()) {
        tensors.put(
            input.getKey(),
            OrtSessions.tensor(name + ": input " + input.getKey(), input.getValue()));
      }
      try (OrtSession.Result result =
          outputs.isEmpty() ? session.run(tensors) : session.run(tensors, outputs)) {
        then.accept(values(result, outputs));
      }
    } catch (OrtException e) {
      throw new ExperimentException(
          name
              + ": the run fails at "
              + where
              + " ("
              + OrtSessions.oneLine(e)
              + "); check that the data fits",
          e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static Map<String, RawTensor> values(OrtSession.Result result, Set<String> wanted) {
    Map<String, RawTensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      if (wanted.contains(output.getKey()) && output.getValue() instanceof OnnxTensor tensor) {
        String type = OrtSessions.elementType(tensor.getInfo()).label();
        boolean empty = tensor.getInfo().getNumElements() == 0;
        ByteBuffer copy = empty ? null : tensor.getByteBuffer();
        // Strings have no memory to copy; their type tells that they cannot be counted.
        values.put(output.getKey(), new RawTensor(type, copy == null ? EMPTY : copy));
      }
    }
    return values;
  }

  @Override
  public void close() {
    OrtSessions.close(name, session);
  }
}
