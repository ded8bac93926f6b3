package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An application that does what the lines of its standard input say, and answers each with one
 * line. Arguments: the folder with the models of {@link TestModels}.
 */
public final class DrivenProgram {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Map<String, OrtSession> sessions = new HashMap<>();
  private final Map<String, OrtSession.SessionOptions> options = new HashMap<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  /** Results that are not closed yet, the first one first. */
  private final Deque<OrtSession.Result> kept = new ArrayDeque<>();

  /** Those that were handed over in memory. */
  private final Map<String, Object> models = new HashMap<>();

  private final Path folder;
  private volatile boolean busy;
  private final List<Thread> workers = new ArrayList<>();
  private final AtomicLong hammered = new AtomicLong();

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
      case "bytes":
        byte[] model = Files.readAllBytes(folder.resolve(words[2] + ".onnx"));
        sessions.put(words[1], environment.createSession(model));
        models.put(words[1], model);
        return "opened";
      case "buffer":
        byte[] content = Files.readAllBytes(folder.resolve(words[2] + ".onnx"));
        ByteBuffer buffer = ByteBuffer.allocateDirect(content.length + 7).position(7);
        buffer.put(content).flip().position(7);
        sessions.put(words[1], environment.createSession(buffer));
        models.put(words[1], buffer);
        return "opened";
      case "drop":
        models.remove(words[1]);
        System.gc();
        return "dropped";
      case "spoil":
        Arrays.fill((byte[]) models.get(words[1]), (byte) 0);
        return "spoilt";
      case "shut":
        options.remove(words[1]).close();
        return "shut";
      case "keep":
        kept.add(sessions.get(words[1]).run(Map.of("x", tensor(input(4)))));
        return contents(kept.getLast());
      case "kept":
        OrtSession.Result result = kept.remove();
        String contents = contents(result);
        result.close();
        return contents;
      case "hammered":
        return hammered.toString();
      case "hammer":
        hammer(Integer.parseInt(words[1]), words[2].split(","));
        return "running";
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
        for (Thread worker : workers) {
          worker.join();
        }
        workers.clear();
        return "failures " + failures + (hammered.get() > 0 ? ", " + hammered + " times" : "");
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
    work(
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
  }

  private void work(Runnable work) {
    Thread worker = new Thread(work);
    workers.add(worker);
    worker.start();
  }

  /** Threads ask everything of these sessions, over and over; every answer must be the first. */
  private void hammer(int threads, String... names) throws Exception {
    Map<OrtSession, String> expected = new LinkedHashMap<>();
    for (String name : names) {
      expected.put(sessions.get(name), everything(sessions.get(name)));
    }
    busy = true;
    hammered.set(0);
    for (int i = 0; i < threads; i++) {
      work(
          () -> {
            while (busy) {
              for (Map.Entry<OrtSession, String> entry : expected.entrySet()) {
                try {
                  String got = everything(entry.getKey());
                  if (!got.equals(entry.getValue())) {
                    throw new AssertionError(got + " instead of " + entry.getValue());
                  }
                  hammered.incrementAndGet();
                } catch (Throwable t) {
                  failures.add(t);
                }
              }
            }
          });
    }
  }

  /** The bits of all outputs, and all that the session tells of itself. */
  private String everything(OrtSession session) throws Exception {
    StringBuilder all = new StringBuilder();
    all.append(session.getInputInfo()).append(session.getOutputInfo());
    all.append(session.getMetadata().getGraphName()).append(session.getNumOutputs());
    try (OnnxTensor x = tensor(input(4));
        OrtSession.Result result = session.run(Map.of("x", x))) {
      all.append(contents(result));
    }
    try {
      session.run(Map.of(), Set.of("nothing"));
    } catch (OrtException e) {
      all.append(e.getMessage());
    }
    return all.toString();
  }

  /** All bits. */
  private static String contents(OrtSession.Result result) {
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, OnnxValue> entry : result) {
      ByteBuffer bytes = ((OnnxTensor) entry.getValue()).getByteBuffer();
      byte[] bits = new byte[bytes.remaining()];
      bytes.get(bits);
      all.append(entry.getKey()).append(Arrays.toString(bits));
    }
    return all.toString();
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
