package io.sparsescope.it.attach;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A service that opens a session and runs it once for each line of its standard input, which it
 * answers with the output's elements and zeros. Argument: the model, [n,4] to [n,4].
 */
public final class RunningService {
  private RunningService() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (OrtSession old = environment.createSession(arguments[0])) {
      System.out.println(run(environment, old));
      while (in.readLine() != null) {
        try (OrtSession session = environment.createSession(arguments[0])) {
          System.out.println(run(environment, session));
        }
      }
    }
  }

  private static String run(OrtEnvironment environment, OrtSession session) throws OrtException {
    float[] values = {-1, 2, -3, 4, 5, -6, 0, 8};
    try (OnnxTensor x =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), new long[] {2, 4});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      int elements = y.remaining();
      int zeros = 0;
      while (y.hasRemaining()) {
        zeros += y.get() == 0 ? 1 : 0;
      }
      return elements + " " + zeros;
    }
  }
}
