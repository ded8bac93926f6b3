package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Cuts the judged output of a run into the rows of its records. */
public final class OutputRows {
  private OutputRows() {}

  /**
   * Reads an output.
   *
   * @param model the model's name, for messages
   * @param output the output's name
   * @param inRun records that the run took
   * @param wanted how many of the rows are wanted, from the first
   * @return the values of each record as float32, flattened
   * @throws ExperimentException if the output holds no numbers, or not the same number of values
   *     for each record
   */
  public static float[][] of(
      String model, OrtSession.Result result, String output, int inRun, int wanted) {
    OnnxValue value =
        result
            .get(output)
            .orElseThrow(() -> new ExperimentException(model + ": has no output " + output));
    if (!(value instanceof OnnxTensor tensor)) {
      throw unfit(model, output, "it is no tensor");
    }
    long[] shape = tensor.getInfo().getShape();
    float[] all = floats(model, output, tensor);
    boolean axis = inRun == 1 || (shape.length > 0 && shape[0] == inRun);
    if (!axis || all.length % inRun != 0) {
      throw unfit(
          model, output, "its shape is " + Arrays.toString(shape) + " for " + inRun + " records");
    }
    int each = all.length / inRun;
    float[][] rows = new float[wanted][];
    for (int i = 0; i < wanted; i++) {
      rows[i] = Arrays.copyOfRange(all, i * each, (i + 1) * each);
    }
    return rows;
  }

  private static float[] floats(String model, String output, OnnxTensor tensor) {
    float[] values;
    switch (tensor.getInfo().type) {
      case FLOAT, FLOAT16, BFLOAT16 -> {
        FloatBuffer buffer = tensor.getFloatBuffer();
        values = new float[buffer.remaining()];
        buffer.get(values);
      }
      case DOUBLE -> {
        double[] doubles = tensor.getDoubleBuffer().array();
        values = new float[doubles.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) doubles[i];
        }
      }
      default -> throw unfit(model, output, "it holds " + tensor.getInfo().type);
    }
    return values;
  }

  private static ExperimentException unfit(String model, String output, String why) {
    return new ExperimentException(
        model + ": output " + output + " cannot be judged: " + why + "; judge another model");
  }

  /** Runs a session for one output. */
  static float[][] run(
      String model, OrtSession session, SampleSet samples, String output, int[] records) {
    java.util.Map<String, OnnxTensor> inputs = samples.batch(records);
    try (OrtSession.Result result = session.run(inputs, java.util.Set.of(output))) {
      return of(model, result, output, samples.batchSize(records.length), records.length);
    } catch (OrtException e) {
      throw new ExperimentException(
          model + ": a run fails (" + OrtSessions.oneLine(e) + "); check that the data fits", e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }
}
