package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * An application that uses every way into ONNX Runtime there is and prints what it sees. Runs in a
 * JVM of its own, with and without the agent; what it prints must be the same.
 *
 * <p>Arguments: the folder with the models of {@link TestModels}.
 */
public final class OrtProgram {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Path folder;
  private final Random random = new Random(7);

  /** Inputs of all runs that succeeded, to be counted again without the agent. */
  private final List<float[]> ran = new ArrayList<>();

  private OrtProgram(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    OrtProgram program = new OrtProgram(Path.of(arguments[0]));
    program.everyForm();
    program.badModels();
    program.optimizedModel();
    program.externalData();
    program.threads();
    program.countAgain();
  }

  private void everyForm() throws Exception {
    String path = folder.resolve("tiny.onnx").toString();
    byte[] bytes = Files.readAllBytes(folder.resolve("tiny.onnx"));
    session("path", () -> environment.createSession(path));
    session("bytes", () -> environment.createSession(bytes));
    session("buffer", () -> environment.createSession(direct(bytes, 0)));
    session(
        "part of a buffer",
        () -> {
          ByteBuffer buffer = direct(bytes, 13);
          OrtSession session = environment.createSession(buffer);
          say("position", buffer.position() + " limit " + buffer.limit());
          return session;
        });
    for (OrtSession.SessionOptions.OptLevel level : OrtSession.SessionOptions.OptLevel.values()) {
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setOptimizationLevel(level);
        session("path " + level, () -> environment.createSession(path, options));
        session("bytes " + level, () -> environment.createSession(bytes, options));
        session("buffer " + level, () -> environment.createSession(direct(bytes, 1), options));
      }
    }
  }

  private static ByteBuffer direct(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 2 * offset);
    buffer.position(offset);
    buffer.put(bytes);
    buffer.position(offset);
    buffer.limit(offset + bytes.length);
    return buffer;
  }

  private void session(String title, Step<OrtSession> create) throws Exception {
    System.out.println("== " + title);
    OrtSession session;
    try {
      session = create.run();
    } catch (Throwable t) {
      say("create", t);
      return;
    }
    look(session);
    runs(session);
    errors(session);
    session.close();
    attempt("closed run", () -> session.run(Map.of()));
    attempt("closed outputs", session::getNumOutputs);
    attempt("closed names", session::getOutputNames);
    attempt("closed info", session::getOutputInfo);
    attempt(
        "closed twice",
        () -> {
          session.close();
          return "";
        });
  }

  private void look(OrtSession session) throws OrtException {
    say("session", session);
    say("inputs", session.getNumInputs() + " " + session.getInputNames());
    say("input info", session.getInputInfo());
    say("outputs", session.getNumOutputs() + " " + session.getOutputNames());
    say("output info", session.getOutputInfo());
    Set<String> names = session.getOutputNames();
    say("same set", session.getOutputNames() == names);
    say("graph", session.getMetadata().getGraphName());
    say("producer", session.getMetadata().getProducerName());
    say("description", session.getMetadata().getDescription());
    say("version", session.getMetadata().getVersion());
    say("metadata", session.getMetadata().getCustomMetadata());
  }

  private void runs(OrtSession session) throws Exception {
    Set<String> subset = new LinkedHashSet<>(List.of("z", "y"));
    Set<String> whole = new LinkedHashSet<>(List.of("q", "ksum"));
    for (int batch = 1; batch <= 3; batch++) {
      run("run", batch, session::run);
      run("run subset", batch, inputs -> session.run(inputs, subset));
      run("run own set", batch, inputs -> session.run(inputs, session.getOutputNames()));
      run("run integers", batch, inputs -> session.run(inputs, whole));
      run("run one", batch, inputs -> session.run(inputs, Set.of("sum")));
      try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
        options.setRunTag("tag");
        run("run options", batch, inputs -> session.run(inputs, options));
        run("run subset options", batch, inputs -> session.run(inputs, subset, options));
        pinned("pinned", batch, (inputs, pins) -> session.run(inputs, pins));
        pinned("pinned and z", batch, (inputs, pins) -> session.run(inputs, Set.of("z"), pins));
        pinned(
            "pinned and z, options",
            batch,
            (inputs, pins) -> session.run(inputs, Set.of("z"), pins, options));
        pinned("pinned twice", batch, (inputs, pins) -> session.run(inputs, Set.of("y"), pins));
      }
    }
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      options.setTerminate(true);
      run("terminated", 1, inputs -> session.run(inputs, options));
      options.setTerminate(false);
      run("not terminated", 1, inputs -> session.run(inputs, options));
    }
  }

  private void run(String title, int batch, Run run) throws OrtException {
    float[] values = input(batch);
    try (OnnxTensor tensor = tensor(values)) {
      OrtSession.Result result = run.run(Map.of("x", tensor));
      ran.add(values);
      show(title, result);
      result.close();
      attempt(title + " closed", () -> result.get(0));
    } catch (Throwable t) {
      say(title, t);
    }
  }

  private void pinned(String title, int batch, PinnedRun run) throws OrtException {
    float[] pin = new float[4 * batch];
    float[] values = input(batch);
    ByteBuffer memory = ByteBuffer.allocateDirect(4 * pin.length);
    FloatBuffer floats = memory.order(java.nio.ByteOrder.nativeOrder()).asFloatBuffer();
    try (OnnxTensor tensor = tensor(values);
        OnnxTensor y = OnnxTensor.createTensor(environment, floats, new long[] {batch, 4})) {
      OrtSession.Result result = run.run(Map.of("x", tensor), Map.of("y", y));
      ran.add(values);
      show(title, result);
      say(title + " is pin", result.get("y").orElseThrow() == y);
      floats.rewind();
      floats.get(pin);
      say(title + " pin", Arrays.toString(pin));
      result.close();
      say(title + " pin open", y.getInfo());
    } catch (Throwable t) {
      say(title, t);
    }
  }

  private void errors(OrtSession session) throws OrtException {
    try (OnnxTensor good = tensor(input(2));
        OnnxTensor flat =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(new float[6]), new long[] {2, 3});
        OnnxTensor longs = OnnxTensor.createTensor(environment, new long[][] {{1, 2}})) {
      attempt("no input", () -> session.run(Map.of()));
      attempt("wrong input", () -> session.run(Map.of("w", good)));
      Map<String, OnnxTensor> two = new LinkedHashMap<>();
      two.put("x", good);
      two.put("w", good);
      attempt("two inputs", () -> session.run(two));
      attempt("wrong shape", () -> session.run(Map.of("x", flat)));
      attempt("wrong type", () -> session.run(Map.of("x", longs)));
      attempt("no outputs", () -> session.run(Map.of("x", good), Set.of()));
      attempt("unknown output", () -> session.run(Map.of("x", good), Set.of("nothing")));
      attempt("hidden output", () -> session.run(Map.of("x", good), Set.of("sparsescope/counts")));
      attempt(
          "too many outputs",
          () ->
              session.run(
                  Map.of("x", good),
                  new LinkedHashSet<>(
                      List.of("y", "z", "sum", "q", "ksum", "sparsescope/counts"))));
      attempt("bad pin", () -> session.run(Map.of("x", good), Map.of("y", longs)));
      attempt("null inputs", () -> session.run(null));
    }
  }

  private void badModels() throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve("tiny.onnx"));
    byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
    attempt("half", () -> environment.createSession(half));
    attempt("empty", () -> environment.createSession(new byte[0]));
    attempt("half buffer", () -> environment.createSession(direct(half, 0)));
    attempt("heap buffer", () -> environment.createSession(ByteBuffer.wrap(bytes)));
    attempt("no file", () -> environment.createSession("/no/such/model.onnx"));
    attempt("folder", () -> environment.createSession("/"));
    attempt("null", () -> environment.createSession((String) null));
    Path bad = folder.resolve("bad.onnx");
    attempt("bad operator", () -> environment.createSession(bad.toString()));
    attempt("bad operator", () -> environment.createSession(Files.readAllBytes(bad)));
  }

  private void optimizedModel() throws Exception {
    System.out.println("== optimized model");
    Path saved = folder.resolve("saved.onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizedModelFilePath(saved.toString());
      try (OrtSession session =
          environment.createSession(folder.resolve("other.onnx").toString(), options)) {
        look(session);
      }
    }
    say("saved", Arrays.hashCode(Files.readAllBytes(saved)));
    Files.delete(saved);
  }

  private void externalData() throws Exception {
    String path = folder.resolve("external.onnx").toString();
    session("external data", () -> environment.createSession(path));
    byte[] bytes = Files.readAllBytes(folder.resolve("external.onnx"));
    session("external data from bytes", () -> environment.createSession(bytes));
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", folder.toString());
      session(
          "external data from bytes with folder", () -> environment.createSession(bytes, options));
    }
  }

  private void threads() throws Exception {
    System.out.println("== threads");
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (OrtSession session = environment.createSession(folder.resolve("tiny.onnx").toString())) {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        float[] values = input(1 + i % 5);
        ran.add(values);
        results.add(
            pool.submit(
                () -> {
                  try (OnnxTensor tensor = tensor(values);
                      OrtSession.Result result = session.run(Map.of("x", tensor))) {
                    return text(result.get(0));
                  }
                }));
      }
      for (Future<String> result : results) {
        System.out.println(result.get());
      }
    } finally {
      pool.shutdown();
    }
  }

  /** Counts what the agent must have counted, in a model that shows its inner tensors itself. */
  private void countAgain() throws OrtException {
    try (OrtSession session =
        environment.createSession(folder.resolve("exposed.onnx").toString())) {
      for (String name : List.of("r1", "y", "k", "q")) {
        long elements = 0;
        long zeros = 0;
        for (float[] values : ran) {
          try (OnnxTensor tensor = tensor(values);
              OrtSession.Result result = session.run(Map.of("x", tensor), Set.of(name))) {
            for (double value : numbers((OnnxTensor) result.get(0))) {
              elements++;
              zeros += value == 0 ? 1 : 0;
            }
          }
        }
        System.out.println("EXPECT " + name + " " + ran.size() + " " + elements + " " + zeros);
      }
    }
  }

  private static double[] numbers(OnnxTensor tensor) {
    if (tensor.getInfo().type == OnnxJavaType.INT32) {
      return Arrays.stream(tensor.getIntBuffer().array()).asDoubleStream().toArray();
    }
    float[] floats = tensor.getFloatBuffer().array();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  private float[] input(int batch) {
    float[] values = new float[8 * batch];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private OnnxTensor tensor(float[] values) throws OrtException {
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(values), new long[] {values.length / 8, 8});
  }

  private static void show(String title, OrtSession.Result result) throws OrtException {
    say(title + " size", result.size());
    int index = 0;
    for (Map.Entry<String, OnnxValue> entry : result) {
      say(title + " " + entry.getKey(), text(entry.getValue()));
      say(title + " same", result.get(index) == entry.getValue());
      owner(title, result, index++);
    }
    say(title + " hidden", result.get("sparsescope/counts"));
    int past = index;
    attempt(title + " past the end", () -> result.get(past));
  }

  private static void owner(String title, OrtSession.Result result, int index) {
    try {
      say(title + " owner", result.isResultOwner(index));
    } catch (NoSuchMethodError e) {
      // Before 1.17.
    }
  }

  private static String text(OnnxValue value) throws OrtException {
    Object content = value.getValue();
    String text = Arrays.deepToString(new Object[] {content});
    return value.getInfo() + " " + text;
  }

  private static void attempt(String title, Step<?> step) {
    try {
      Object result = step.run();
      say(title, result instanceof AutoCloseable ? "done" : result);
      if (result instanceof AutoCloseable closeable) {
        closeable.close();
      }
    } catch (Throwable t) {
      say(title, t);
    }
  }

  private static void say(String title, Object what) {
    System.out.println(title + ": " + what);
  }

  private interface Step<T> {
    T run() throws Exception;
  }

  private interface Run {
    OrtSession.Result run(Map<String, OnnxTensor> inputs) throws OrtException;
  }

  private interface PinnedRun {
    OrtSession.Result run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pins)
        throws OrtException;
  }
}
