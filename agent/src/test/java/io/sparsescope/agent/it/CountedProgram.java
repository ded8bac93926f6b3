package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Runs a model once on x [2, 16, 3, 300], in which NaN, infinities, denormals and zeros of both
 * signs stand among others. Arguments: model, level of optimization, how many sessions, one after
 * the other. Prints all outputs.
 */
final class CountedProgram {
  private static final long[] SHAPE = {2, 16, 3, 300};
  private static final float[] SPECIAL = {
    Float.NaN, Float.MIN_VALUE, -0f, Float.POSITIVE_INFINITY, 0, -1, 0x1p-130f, Float.MAX_VALUE
  };

  private CountedProgram() {}

  public static void main(String[] args) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(2);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.valueOf(args[1]));
      for (int i = 0; i < Integer.parseInt(args[2]); i++) {
        run(environment, args[0], options);
      }
    }
  }

  private static void run(
      OrtEnvironment environment, String model, OrtSession.SessionOptions options)
      throws OrtException {
    try (OrtSession session = environment.createSession(model, options);
        OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input()), SHAPE);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      for (Map.Entry<String, ?> output : result) {
        FloatBuffer values = ((OnnxTensor) output.getValue()).getFloatBuffer();
        System.out.println(output.getKey() + " " + Arrays.hashCode(values.array()));
      }
    }
  }

  /** Every 100th value is a special one, of the others every second negative. */
  static float[] input() {
    float[] x = new float[2 * 16 * 3 * 300];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 100 == 0 ? SPECIAL[i / 100 % SPECIAL.length] : i % 2 == 0 ? i : -i;
    }
    return x;
  }
}
