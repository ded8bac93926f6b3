package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.File;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens, runs twice and closes one session after another, from a file and from bytes in turn. When
 * a quarter of them is done, and again at the end, prints in one line: KiB of heap in use, KiB of
 * resident memory (0 where the system does not tell), threads, and temporary files.
 *
 * <p>Arguments: a model, the number of sessions.
 */
public final class ManySessionsProgram {
  private ManySessionsProgram() {}

  public static void main(String[] arguments) throws Exception {
    Path model = Path.of(arguments[0]);
    int sessions = Integer.parseInt(arguments[1]);
    byte[] bytes = Files.readAllBytes(model);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    for (int i = 1; i <= sessions; i++) {
      try (OrtSession session =
              i % 2 == 0
                  ? environment.createSession(bytes, options)
                  : environment.createSession(model.toString(), options);
          OnnxTensor input =
              OnnxTensor.createTensor(
                  environment, FloatBuffer.wrap(new float[8]), new long[] {1, 8})) {
        session.run(Map.of("x", input)).close();
        session.run(Map.of("x", input)).close();
      }
      if (i == sessions / 4 || i == sessions) {
        print();
      }
    }
  }

  /** Prints the line. */
  static void print() throws IOException {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    long heap = (runtime.totalMemory() - runtime.freeMemory()) / 1024;
    String[] temporary = new File(System.getProperty("java.io.tmpdir")).list();
    System.out.println(
        heap + " " + resident() + " " + Thread.getAllStackTraces().size() + " " + temporary.length);
  }

  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.isReadable(status)
        ? Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .sum()
        : 0;
  }
}
