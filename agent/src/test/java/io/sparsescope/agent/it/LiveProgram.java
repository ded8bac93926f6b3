package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Random;

/**
 * A service that runs a model until a byte comes in, says how often it did, and ends after another
 * one.
 *
 * <p>Arguments: the model.
 */
public final class LiveProgram {
  private LiveProgram() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Random random = new Random(5);
    long runs = 0;
    try (OrtSession session = environment.createSession(arguments[0])) {
      while (System.in.available() == 0) {
        float[] values = new float[24];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        try (OnnxTensor x =
                OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), new long[] {3, 8});
            OrtSession.Result result = session.run(Map.of("x", x))) {
          runs += result.size() > 0 ? 1 : 0;
        }
      }
    }
    System.in.read();
    System.out.println(runs);
    System.in.read();
  }
}
