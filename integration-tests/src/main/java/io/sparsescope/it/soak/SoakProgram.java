package io.sparsescope.it.soak;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * An application that never rests: each thread opens a session, runs it, fails once in a while,
 * closes it, and shares a few sessions with the other threads. It counts the zeros of all outputs
 * itself. Arguments: folder with models, seconds, threads, seconds between two samples.
 *
 * <p>Prints {@code SAMPLE seconds rss-bytes heap-bytes threads sessions runs}, and at the end for
 * each output {@code EXPECT model tensor runs elements zeros}. Needs nothing but ONNX Runtime.
 */
final class SoakProgram {
  private static final int RUNS_A_SESSION = 12;
  private static final int MAX_BATCH = 3;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Map<String, byte[]> models = new LinkedHashMap<>();
  private final Path folder;
  private final Map<String, OrtSession> shared = new LinkedHashMap<>();
  private final Map<String, Count> counts = new ConcurrentHashMap<>();
  private final AtomicLong sessions = new AtomicLong();
  private final AtomicLong runs = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean stop;

  /** What an output held, in all runs. */
  private static final class Count {
    final LongAdder runs = new LongAdder();
    final LongAdder elements = new LongAdder();
    final LongAdder zeros = new LongAdder();
  }

  private SoakProgram(Path folder) throws IOException, OrtException {
    this.folder = folder;
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
        models.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    for (String model : models.keySet()) {
      shared.put(model, environment.createSession(folder.resolve(model).toString(), options()));
    }
  }

  public static void main(String[] args) throws Exception {
    SoakProgram program = new SoakProgram(Path.of(args[0]));
    program.run(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
  }

  private void run(int seconds, int threads, int step) throws Exception {
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int seed = i;
      Thread worker = new Thread(() -> work(new Random(seed)), "worker-" + i);
      worker.start();
      workers.add(worker);
    }
    for (int second = step; second <= seconds && failure.get() == null; second += step) {
      Thread.sleep(1000L * step);
      sample(second);
    }
    stop = true;
    for (Thread worker : workers) {
      worker.join();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a worker failed", failure.get());
    }
    for (OrtSession session : shared.values()) {
      session.close();
    }
    counts.forEach(
        (key, count) ->
            System.out.println(
                "EXPECT " + key + " " + count.runs + " " + count.elements + " " + count.zeros));
  }

  private void work(Random random) {
    List<String> names = List.copyOf(models.keySet());
    try {
      while (!stop) {
        String model = names.get(random.nextInt(names.size()));
        try (OrtSession.SessionOptions options = options();
            OrtSession session = open(model, options, random)) {
          sessions.incrementAndGet();
          for (int i = 0; i < RUNS_A_SESSION && !stop; i++) {
            runOnce(model, session, random);
            String other = names.get(random.nextInt(names.size()));
            runOnce(other, shared.get(other), random);
          }
          failOnce(session);
        }
      }
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
  }

  private static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    return options;
  }

  private OrtSession open(String model, OrtSession.SessionOptions options, Random random)
      throws OrtException {
    return random.nextBoolean()
        ? environment.createSession(folder.resolve(model).toString(), options)
        : environment.createSession(models.get(model), options);
  }

  private void runOnce(String model, OrtSession session, Random random) throws OrtException {
    try (OnnxTensor input = input(session, random);
        OrtSession.Result result = session.run(Map.of("x", input))) {
      runs.incrementAndGet();
      for (Map.Entry<String, OnnxValue> output : result) {
        count(model + " " + output.getKey(), (OnnxTensor) output.getValue());
      }
    }
  }

  private OnnxTensor input(OrtSession session, Random random) throws OrtException {
    NodeInfo info = session.getInputInfo().get("x");
    long[] shape = ((TensorInfo) info.getInfo()).getShape().clone();
    shape[0] = 1 + random.nextInt(MAX_BATCH);
    int elements = 1;
    for (long size : shape) {
      elements *= (int) size;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
  }

  private void failOnce(OrtSession session) throws OrtException {
    try (OnnxTensor wrong =
        OnnxTensor.createTensor(
            environment, FloatBuffer.wrap(new float[6]), new long[] {1, 1, 1, 2, 3})) {
      session.run(Map.of("x", wrong)).close();
      throw new IllegalStateException("a wrong shape was accepted");
    } catch (OrtException e) {
      // As it must be.
    }
  }

  private void count(String key, OnnxTensor tensor) {
    long zeros = 0;
    int elements;
    if (tensor.getInfo().type == OnnxJavaType.INT32) {
      int[] values = tensor.getIntBuffer().array();
      elements = values.length;
      for (int value : values) {
        zeros += value == 0 ? 1 : 0;
      }
    } else {
      float[] values = tensor.getFloatBuffer().array();
      elements = values.length;
      for (float value : values) {
        zeros += value == 0 ? 1 : 0;
      }
    }
    Count count = counts.computeIfAbsent(key, k -> new Count());
    count.runs.increment();
    count.elements.add(elements);
    count.zeros.add(zeros);
  }

  private void sample(int second) throws IOException {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    System.out.printf(
        "SAMPLE %d %d %d %d %d %d%n",
        second, residentBytes(), heap, threads, sessions.get(), runs.get());
  }

  /** The process's resident memory, as Linux tells it; 0 elsewhere. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
