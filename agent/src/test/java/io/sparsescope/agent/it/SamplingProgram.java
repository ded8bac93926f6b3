package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Runs a model on inputs of different sizes, all in one buffer that is written over as soon as a
 * run returns, and prints the bits of the outputs. Prints then, for each run, what the agent must
 * have counted in it if it was sampled: elements and zeros of r1 and of y. After these runs one
 * asks for what the model does not have, and two are terminated. The session is left open.
 *
 * <p>Arguments: the folder with the models of {@link TestModels}, and how many runs.
 */
public final class SamplingProgram {
  private SamplingProgram() {}

  public static void main(String[] arguments) throws OrtException {
    Path folder = Path.of(arguments[0]);
    int runs = Integer.parseInt(arguments[1]);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Random random = new Random(5);
    float[][] inputs = new float[runs][];
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * 8 * 4).order(ByteOrder.nativeOrder()).asFloatBuffer();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      OrtSession session =
          environment.createSession(folder.resolve("tiny.onnx").toString(), options);
      options.setIntraOpNumThreads(2);
      for (int i = 0; i < runs; i++) {
        inputs[i] = new float[8 * (1 + i % 4)];
        for (int j = 0; j < inputs[i].length; j++) {
          inputs[i][j] = (float) random.nextGaussian();
        }
        buffer.clear().put(inputs[i]).flip();
        try (OnnxTensor x =
                OnnxTensor.createTensor(environment, buffer, new long[] {1 + i % 4, 8});
            OrtSession.Result result = session.run(Map.of("x", x))) {
          buffer.clear();
          while (buffer.hasRemaining()) {
            buffer.put(Float.NaN);
          }
          System.out.println(bits(result, "y") + " " + bits(result, "z"));
        }
      }
      buffer.clear().limit(8);
      try (OnnxTensor x = OnnxTensor.createTensor(environment, buffer, new long[] {1, 8});
          OrtSession.RunOptions runOptions = new OrtSession.RunOptions()) {
        runOptions.setTerminate(true);
        fails(() -> session.run(Map.of("x", x), Set.of("nothing")));
        fails(() -> session.run(Map.of("x", x), runOptions));
        fails(() -> session.run(Map.of("x", x), runOptions));
      }
    }
    // Not closed: what is still to be counted is, at the JVM's end.
    expect(environment, folder, inputs);
  }

  private static String bits(OrtSession.Result result, String name) throws OrtException {
    float[] values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return Arrays.toString(bits);
  }

  private static void fails(Run run) {
    try {
      run.run().close();
      System.out.println("no exception");
    } catch (OrtException e) {
      System.out.println(e);
    }
  }

  private static void expect(OrtEnvironment environment, Path folder, float[][] inputs)
      throws OrtException {
    try (OrtSession session =
        environment.createSession(folder.resolve("exposed.onnx").toString())) {
      for (float[] input : inputs) {
        StringBuilder line = new StringBuilder("EXPECT");
        try (OnnxTensor x =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(input), new long[] {input.length / 8, 8});
            OrtSession.Result result = session.run(Map.of("x", x), Set.of("r1", "y"))) {
          for (String name : new String[] {"r1", "y"}) {
            float[] values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
            int zeros = 0;
            for (float value : values) {
              zeros += value == 0 ? 1 : 0;
            }
            line.append(' ').append(values.length).append(' ').append(zeros);
          }
        }
        System.out.println(line);
      }
    }
  }

  private interface Run {
    OrtSession.Result run() throws OrtException;
  }
}
