package io.sparsescope.it.page;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A service that runs models on random input, one after the other, and knows nothing of counting.
 * Arguments: a folder, then models. Its stderr is the folder's file {@code err}. Runs while there
 * is a file {@code run} in the folder, ends once there is a file {@code stop}.
 */
final class PageProgram {
  private static final int PAUSE = 20;

  private PageProgram() {}

  public static void main(String[] args) throws OrtException, IOException, InterruptedException {
    Path folder = Path.of(args[0]);
    System.setErr(new PrintStream(folder.resolve("err").toFile(), StandardCharsets.UTF_8));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    List<OrtSession> sessions = new ArrayList<>();
    for (String model : Arrays.asList(args).subList(1, args.length)) {
      sessions.add(environment.createSession(model));
    }
    Random random = new Random(1);
    while (!Files.exists(folder.resolve("stop"))) {
      if (Files.exists(folder.resolve("run"))) {
        for (OrtSession session : sessions) {
          run(environment, session, random);
        }
      }
      Thread.sleep(PAUSE);
    }
    for (OrtSession session : sessions) {
      session.close();
    }
  }

  private static void run(OrtEnvironment environment, OrtSession session, Random random)
      throws OrtException {
    NodeInfo input = session.getInputInfo().values().iterator().next();
    long[] shape = ((TensorInfo) input.getInfo()).getShape();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.max(1, shape[i]);
    }
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (OnnxTensor tensor =
        OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape)) {
      session.run(Map.of(input.getName(), tensor)).close();
    }
  }
}
