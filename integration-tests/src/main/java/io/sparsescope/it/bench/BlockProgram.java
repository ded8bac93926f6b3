package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A program that runs ResNet-50 when told to and knows nothing of counting. Arguments: model,
 * threads, batch. Says {@code ready}; then for each line of standard input, a number of runs, does
 * one more and them, and prints in one line the seconds of each, and the seconds that the
 * processors worked for this JVM meanwhile. Needs nothing but ONNX Runtime.
 */
final class BlockProgram {
  private static final int WARM_UP = 5;

  private BlockProgram() {}

  public static void main(String[] args) throws IOException, OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OperatingSystemMXBean processors =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Integer.parseInt(args[1]));
      try (OrtSession session = environment.createSession(args[0], options);
          OnnxTensor images = images(environment, Integer.parseInt(args[2]))) {
        for (int i = 0; i < WARM_UP; i++) {
          seconds(session, images);
        }
        System.out.println(TurnProgram.READY);
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
          StringBuilder answer = new StringBuilder();
          // Brings its memory back into the cache.
          seconds(session, images);
          long worked = processors.getProcessCpuTime();
          for (int i = Integer.parseInt(line); i > 0; i--) {
            answer.append(seconds(session, images)).append(' ');
          }
          answer.append((processors.getProcessCpuTime() - worked) / 1e9);
          System.out.println(answer);
        }
      }
    }
  }

  private static double seconds(OrtSession session, OnnxTensor images) throws OrtException {
    long start = System.nanoTime();
    session.run(Map.of("gpu_0/data_0", images)).close();
    return (System.nanoTime() - start) / 1e9;
  }

  /** This program's class path: these classes, and ONNX Runtime. */
  static List<Path> classPath() {
    return List.of(locate(BlockProgram.class), locate(OrtEnvironment.class));
  }

  private static Path locate(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OnnxTensor images(OrtEnvironment environment, int batch) throws OrtException {
    Random random = new Random(batch);
    float[] pixels = new float[batch * 3 * 224 * 224];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(pixels), new long[] {batch, 3, 224, 224});
  }
}
