package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A program that runs ResNet-50 and knows nothing of counting. Arguments: model, threads, batch,
 * runs. Prints the median seconds of a run. Needs nothing but ONNX Runtime.
 */
final class InferenceProgram {
  private static final int WARM_UP = 3;

  private InferenceProgram() {}

  public static void main(String[] args) throws OrtException {
    int batch = Integer.parseInt(args[2]);
    double[] seconds = new double[Integer.parseInt(args[3])];
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Integer.parseInt(args[1]));
      try (OrtSession session = environment.createSession(args[0], options);
          OnnxTensor images = images(environment, batch)) {
        for (int i = -WARM_UP; i < seconds.length; i++) {
          long start = System.nanoTime();
          session.run(Map.of("gpu_0/data_0", images)).close();
          if (i >= 0) {
            seconds[i] = (System.nanoTime() - start) / 1e9;
          }
        }
      }
    }
    Arrays.sort(seconds);
    System.out.println(seconds[seconds.length / 2]);
  }

  /** This program's class path: these classes, and ONNX Runtime. */
  static List<Path> classPath() {
    return List.of(locate(InferenceProgram.class), locate(OrtEnvironment.class));
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
