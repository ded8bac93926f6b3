package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Runs a model on batches of images [n, 3, 8, 6] and says which channels of its outputs were zero
 * all the time, {@code DEAD output [channels]}, and how large its elements were, {@code MAGNITUDES
 * output step:count ...}. Arguments: the model, seed.
 */
final class DetailProgram {
  private DetailProgram() {}

  public static void main(String[] args) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Random random = new Random(Long.parseLong(args[1]));
    Map<String, TreeSet<Integer>> dead = new TreeMap<>();
    Map<String, TreeMap<Integer, Integer>> magnitudes = new TreeMap<>();
    try (OrtSession session = environment.createSession(args[0])) {
      System.out.println(session.getOutputNames());
      for (int batch = 1; batch <= 4; batch++) {
        float[] values = new float[batch * 3 * 8 * 6];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        long[] shape = {batch, 3, 8, 6};
        try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
            OrtSession.Result result = session.run(Map.of("x", x))) {
          for (Map.Entry<String, ?> output : result) {
            OnnxTensor tensor = (OnnxTensor) output.getValue();
            look(tensor, dead.computeIfAbsent(output.getKey(), name -> all(tensor)));
            add(tensor, magnitudes.computeIfAbsent(output.getKey(), name -> new TreeMap<>()));
          }
        }
      }
    }
    dead.forEach((output, channels) -> System.out.println("DEAD " + output + " " + channels));
    magnitudes.forEach(
        (output, steps) -> {
          System.out.print("MAGNITUDES " + output);
          steps.forEach((step, count) -> System.out.print(" " + step + ":" + count));
          System.out.println();
        });
  }

  /** Eight steps in each power of two; the one that begins at 1 is 0. */
  private static void add(OnnxTensor tensor, Map<Integer, Integer> steps) {
    FloatBuffer values = tensor.getFloatBuffer();
    while (values.hasRemaining()) {
      double magnitude = Math.abs(values.get());
      if (magnitude > 0) {
        int power = 0;
        for (; magnitude >= 2; power++) {
          magnitude /= 2;
        }
        for (; magnitude < 1; power--) {
          magnitude *= 2;
        }
        steps.merge(8 * power + (int) (8 * magnitude) - 8, 1, Integer::sum);
      }
    }
  }

  private static TreeSet<Integer> all(OnnxTensor tensor) {
    TreeSet<Integer> channels = new TreeSet<>();
    for (int c = 0; c < tensor.getInfo().getShape()[1]; c++) {
      channels.add(c);
    }
    return channels;
  }

  private static void look(OnnxTensor tensor, TreeSet<Integer> dead) {
    long[] shape = tensor.getInfo().getShape();
    long inner = Arrays.stream(shape).skip(2).reduce(1, (a, b) -> a * b);
    FloatBuffer values = tensor.getFloatBuffer();
    for (int i = 0; values.hasRemaining(); i++) {
      if (values.get() != 0) {
        dead.remove((int) (i / inner % shape[1]));
      }
    }
  }
}
