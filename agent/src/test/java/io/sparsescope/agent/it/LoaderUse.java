package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.Callable;

/** What is done with ONNX Runtime in each of many loaders: a session is opened, run and closed. */
public final class LoaderUse implements Callable<Integer> {
  private static final int RUNS = 2;

  private final byte[] model;

  public LoaderUse(byte[] model) {
    this.model = model;
  }

  /** Returns how many outputs were seen in all runs. */
  @Override
  public Integer call() throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int outputs = 0;
    try (OrtSession session = environment.createSession(model);
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(new float[8]), new long[] {1, 8})) {
      for (int run = 0; run < RUNS; run++) {
        try (OrtSession.Result result = session.run(Map.of("x", input))) {
          outputs += result.size();
        }
      }
    }
    return outputs;
  }
}
