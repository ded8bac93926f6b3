package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import jdk.jfr.Recording;

/**
 * An application that is recorded for a part of its runs only.
 *
 * <p>Arguments: the model tiny of {@link TestModels}, and the recording's file.
 */
public final class RecordingProgram {
  static final int RUNS = 5;

  private RecordingProgram() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(arguments[0])) {
      run(environment, session, 3);
      try (Recording recording = new Recording()) {
        recording.enable("io.sparsescope.Sample");
        recording.start();
        run(environment, session, RUNS);
        recording.stop();
        run(environment, session, 2);
        recording.dump(Path.of(arguments[1]));
      }
    }
  }

  private static void run(OrtEnvironment environment, OrtSession session, int times)
      throws OrtException {
    for (int i = 0; i < times; i++) {
      float[] values = {1, -2, 3, -4, 5, -6, 7, i};
      try (OnnxTensor x =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), new long[] {1, 8});
          OrtSession.Result result = session.run(Map.of("x", x))) {
        result.get(0);
      }
    }
  }
}
