package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An application that does what the lines of its standard input say, and answers each with one
 * line. Arguments: the folder with the models of {@link TestModels}.
 */
public final class DrivenProgram {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Map<String, OrtSession> sessions = new HashMap<>();
  private final Map<String, OrtSession.SessionOptions> options = new HashMap<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Path folder;
  private volatile boolean busy;
  private Thread worker;

  private DrivenProgram(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    DrivenProgram program = new DrivenProgram(Path.of(arguments[0]));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = program.answer(line.split(" "));
      } catch (Throwable t) {
        answer = t.toString();
      }
      System.out.println(answer.replaceAll("\\R", " "));
    }
  }

  private String answer(String[] words) throws Exception {
    switch (words[0]) {
      case "options":
        options.put(words[1], new OrtSession.SessionOptions());
        return "created";
      case "save":
        options.get(words[1]).setOptimizedModelFilePath(words[2]);
        return "saves";
      case "profile":
        options.get(words[1]).enableProfiling(words[2]);
        return "profiles";
      case "open":
        sessions.put(words[1], open(words));
        return "opened";
      case "close":
        sessions.remove(words[1]).close();
        return "closed";
      case "look":
        OrtSession session = sessions.get(words[1]);
        return session.getNumOutputs() + " " + session.getOutputNames() + session.getOutputInfo();
      case "run":
        return run(sessions.get(words[1]), Integer.parseInt(words[2]), words[3].split(","));
      case "busy":
        begin(sessions.get(words[1]));
        return "running";
      case "idle":
        busy = false;
        worker.join();
        return "failures " + failures;
      case "threads":
        return threads().toString();
      case "classes":
        return Witness.bytes(OrtSession.class)
            + " "
            + Witness.bytes(OrtSession.SessionOptions.class);
      default:
        return "what is " + words[0];
    }
  }

  /** "open NAME MODEL", or "open NAME MODEL OPTIONS". */
  private OrtSession open(String[] words) throws Exception {
    String model = folder.resolve(words[2] + ".onnx").toString();
    return words.length == 3
        ? environment.createSession(model)
        : environment.createSession(model, options.get(words[3]));
  }

  /** Zeros of inputs and outputs, and their values. */
  private String run(OrtSession session, int seed, String[] outputs) throws Exception {
    float[] values = input(seed);
    try (OnnxTensor x = tensor(values);
        OrtSession.Result result =
            session.run(Map.of("x", x), new LinkedHashSet<>(Arrays.asList(outputs)))) {
      StringBuilder answer = new StringBuilder("x ").append(zeros(x));
      StringBuilder content = new StringBuilder();
      for (Map.Entry<String, OnnxValue> entry : result) {
        OnnxTensor output = (OnnxTensor) entry.getValue();
        answer.append(' ').append(entry.getKey()).append(' ').append(zeros(output));
        content.append(' ').append(Arrays.deepToString(new Object[] {output.getValue()}));
      }
      return answer + " =" + content;
    }
  }

  /** One thread runs the session until told to stop; every result must be the first one. */
  private void begin(OrtSession session) throws Exception {
    String expected = run(session, 5, new String[] {"z", "q"});
    busy = true;
    worker =
        new Thread(
            () -> {
              while (busy) {
                try {
                  String got = run(session, 5, new String[] {"z", "q"});
                  if (!got.equals(expected)) {
                    throw new AssertionError(got);
                  }
                } catch (Throwable t) {
                  failures.add(t);
                }
              }
            });
    worker.start();
  }

  private static float[] input(int seed) {
    Random random = new Random(seed);
    float[] values = new float[8 * (1 + seed % 3)];
    for (int i = 0; i < values.length; i++) {
      int kind = random.nextInt(4);
      values[i] = kind == 0 ? 0 : kind == 1 ? -0.0f : (float) random.nextGaussian();
    }
    return values;
  }

  private OnnxTensor tensor(float[] values) throws Exception {
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(values), new long[] {values.length / 8, 8});
  }

  private static String zeros(OnnxTensor tensor) {
    int zeros = 0;
    int elements;
    if (tensor.getInfo().type == OnnxJavaType.INT32) {
      int[] values = new int[tensor.getIntBuffer().remaining()];
      tensor.getIntBuffer().get(values);
      elements = values.length;
      for (int value : values) {
        zeros += value == 0 ? 1 : 0;
      }
    } else {
      float[] values = new float[tensor.getFloatBuffer().remaining()];
      tensor.getFloatBuffer().get(values);
      elements = values.length;
      for (float value : values) {
        zeros += value == 0 ? 1 : 0;
      }
    }
    return elements + " " + zeros;
  }

  private static Set<String> threads() {
    Set<String> ours = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      ClassLoader context = thread.getContextClassLoader();
      if (thread.getName().contains("sparsescope")
          || (context != null && "sparsescope".equals(context.getName()))) {
        ours.add(thread.getName());
      }
    }
    return ours;
  }
}
