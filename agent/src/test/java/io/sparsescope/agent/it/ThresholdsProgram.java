package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * An application that runs one model many times and prints all bits of what it answers.
 *
 * <p>Arguments: the model's file, the number of runs, and how many of them are to be counted and
 * how many compared, in the profile that is written all the time, before the session is closed.
 */
public final class ThresholdsProgram {
  private static final Path PROFILE = Path.of("profile.json");
  private static final Pattern COUNTED = Pattern.compile("\"sampledRuns\" : (\\d+)");
  private static final Pattern COMPARED =
      Pattern.compile("\"difference\" : \\{\\s*\"runs\" : (\\d+)");
  private static final Duration LIMIT = Duration.ofSeconds(100);

  private ThresholdsProgram() {}

  public static void main(String[] arguments) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(arguments[0])) {
      for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
        System.out.println(answer(environment, session, run));
      }
      await(COUNTED, Long.parseLong(arguments[2]));
      await(COMPARED, Long.parseLong(arguments[3]));
    }
  }

  /** Returns once the numbers in the profile add up to {@code sum}. */
  private static void await(Pattern number, long sum) throws Exception {
    long begun = System.nanoTime();
    while (sum(number) < sum) {
      if (System.nanoTime() - begun > LIMIT.toNanos()) {
        throw new IllegalStateException(sum(number) + " of " + sum + " for " + number);
      }
      Thread.sleep(20);
    }
  }

  private static long sum(Pattern number) throws IOException {
    return Files.exists(PROFILE)
        ? number
            .matcher(Files.readString(PROFILE))
            .results()
            .mapToLong(found -> Long.parseLong(found.group(1)))
            .sum()
        : 0;
  }

  /** All bits of the outputs of a run. */
  static String answer(OrtEnvironment environment, OrtSession session, int run)
      throws OrtException {
    float[] input = input(run);
    long[] shape = {input.length / 8, 8};
    StringBuilder text = new StringBuilder();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), shape);
        OrtSession.Result result = session.run(Map.of("x", tensor))) {
      for (var output : result) {
        byte[] bytes =
            new byte[(int) ((OnnxTensor) output.getValue()).getInfo().getNumElements() * 4];
        ((OnnxTensor) output.getValue()).getByteBuffer().get(bytes);
        text.append(' ').append(output.getKey()).append('=');
        text.append(HexFormat.of().formatHex(bytes));
      }
    }
    return text.toString().strip();
  }

  /** The input of a run: [1 to 3, 8]. */
  static float[] input(int run) {
    Random random = new Random(run);
    float[] values = new float[8 * (1 + run % 3)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
