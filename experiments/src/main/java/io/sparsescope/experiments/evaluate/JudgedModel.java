package io.sparsescope.experiments.evaluate;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A session that gives one output. Each run takes one thread, so that its values do not depend on
 * how many there are; several threads may run it at once.
 */
final class JudgedModel implements AutoCloseable {
  private final String name;
  private final String output;
  private final OrtSession session;

  JudgedModel(ModelFile model, ModelEdit edit, String output) {
    name = model.name();
    this.output = output;
    session = OrtSessions.open(model, edit, options -> options.setIntraOpNumThreads(1));
  }

  /**
   * The output's values, a row a record.
   *
   * @param where what messages call the batch's first record
   */
  float[][] run(Batch batch, String where) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (Map.Entry<String, TensorValue> input : batch.inputs().entrySet()) {
        inputs.put(
            input.getKey(),
            OrtSessions.tensor(name + ": input " + input.getKey(), input.getValue()));
      }
      try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
        return rows(result.get(0), batch.count());
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
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private float[][] rows(OnnxValue value, int count) {
    String what = name + ": output " + output;
    if (!(value instanceof OnnxTensor tensor)) {
      throw new ExperimentException(what + " is no tensor; judge another with --output");
    }
    List<Long> shape = Arrays.stream(tensor.getInfo().getShape()).boxed().toList();
    ElementType type =
        switch (tensor.getInfo().type) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          case FLOAT16 -> ElementType.FLOAT16;
          case BFLOAT16 -> ElementType.BFLOAT16;
          default -> ElementType.UNDEFINED;
        };
    boolean empty = type == ElementType.UNDEFINED || tensor.getInfo().getNumElements() == 0;
    ByteBuffer data = empty ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    return FloatRows.of(what, type, shape, data.order(ByteOrder.LITTLE_ENDIAN), count);
  }

  @Override
  public void close() {
    OrtSessions.close(name, session);
  }
}
