package io.sparsescope.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** Runs models with one float input "x" of shape [1, n] in ONNX Runtime. */
final class OrtRuns {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private OrtRuns() {}

  /** The first output. */
  static float[] run(Path model, float... input) throws OrtException {
    try (OrtSession session = ENVIRONMENT.createSession(model.toString())) {
      return run(session, input);
    }
  }

  /** The first output. */
  static float[] run(byte[] model, float... input) throws OrtException {
    try (OrtSession session = ENVIRONMENT.createSession(model)) {
      return run(session, input);
    }
  }

  private static float[] run(OrtSession session, float[] input) throws OrtException {
    long[] shape = {1, input.length};
    try (OnnxTensor x = OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(input), shape);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] output = new float[values.remaining()];
      values.get(output);
      return output;
    }
  }
}
