package io.sparsescope.it.faults;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * An application that uses a model again and again, each time with another method of the agent
 * failing, and looks whether it sees what it sees without. Arguments: the model, and the same model
 * under a name that the agent does not look at. Prints what was different, and what the agent did
 * not count as a failure.
 */
public final class FaultProgram {
  /** What cannot be deleted is deleted at exit; whether a class is ONNX Runtime's the JVM asks. */
  private static final List<String> UNCOUNTED =
      List.of(
          "io/sparsescope/agent/session/ModelCopy$Deletion.",
          "io/sparsescope/agent/weave/Shape.of(");

  private static final String AGENT = "io.sparsescope:type=Agent";
  private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final Path model;
  private final String expected;

  private FaultProgram(Path model, Path untouched) throws Exception {
    this.model = model;
    this.expected = use(untouched);
  }

  public static void main(String[] args) throws Exception {
    FaultProgram program = new FaultProgram(Path.of(args[0]), Path.of(args[1]));
    program.check("nothing");
    FaultSwitch.record(true);
    program.check("nothing, recording");
    awaitAgent(Path.of(args[2]));
    FaultSwitch.record(false);
    String[] methods = FaultSwitch.seen();
    System.out.println("METHODS " + methods.length);
    for (String method : methods) {
      program.fail(method, () -> new IllegalStateException("a fault of the test"));
      program.fail(method, () -> new OutOfMemoryError("a fault of the test"));
    }
    program.interrupted();
    program.check("nothing, afterwards");
    System.out.println("FIRED " + FaultSwitch.fired());
    System.out.println("FAILURES " + failures());
  }

  private void fail(String method, Supplier<Throwable> fault) throws Exception {
    int fired = FaultSwitch.fired();
    long failures = failures();
    FaultSwitch.arm(method, fault);
    try {
      check(method);
    } finally {
      FaultSwitch.arm(null, null);
    }
    if (FaultSwitch.fired() > fired
        && UNCOUNTED.stream().noneMatch(method::startsWith)
        && !counted(failures)) {
      System.out.println("UNCOUNTED " + method);
    }
  }

  /** A thread of the agent's own may count its failure a little later. */
  private static boolean counted(long before) throws Exception {
    for (int i = 0; i < 100 && failures() == before; i++) {
      Thread.sleep(50);
    }
    return failures() > before;
  }

  private void interrupted() throws Exception {
    Thread.currentThread().interrupt();
    check("interrupted");
    if (!Thread.interrupted()) {
      System.out.println("DIFFERENT interrupted: the thread's mark is gone");
    }
  }

  private void check(String what) {
    String seen;
    try {
      seen = use(model);
    } catch (Throwable t) {
      seen = "thrown: " + t;
    }
    if (!seen.equals(expected)) {
      System.out.println("DIFFERENT " + what + ": " + seen.replace('\n', ' '));
    }
  }

  /** All that an application sees of a model: a session's answers, from its opening to its end. */
  private String use(Path file) throws Exception {
    List<String> seen = new ArrayList<>();
    for (boolean asBytes : new boolean[] {false, true}) {
      OrtSession session =
          asBytes
              ? environment.createSession(Files.readAllBytes(file))
              : environment.createSession(file.toString());
      seen.add(session.getNumOutputs() + " " + session.getOutputNames());
      seen.add(session.getOutputInfo().toString());
      for (int batch = 1; batch <= 3; batch++) {
        seen.add(run(session, new long[] {batch, 8}));
      }
      seen.add(run(session, new long[] {2, 4, 1}));
      session.close();
      try {
        run(session, new long[] {1, 8});
      } catch (IllegalStateException e) {
        seen.add(e.toString());
      }
    }
    return String.join("\n", seen);
  }

  private String run(OrtSession session, long[] shape) throws OrtException {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 37 % 11) - 5f;
    }
    try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      StringBuilder text = new StringBuilder().append(result.size());
      for (Map.Entry<String, OnnxValue> entry : result) {
        Object value = entry.getValue().getValue();
        text.append(entry.getKey()).append(Arrays.deepToString(new Object[] {value}));
      }
      return text.toString();
    } catch (OrtException e) {
      return e.getMessage();
    }
  }

  /** The profile's writer is a part of the agent, too, and so is the bean. */
  private static void awaitAgent(Path profile) throws Exception {
    ObjectName agent = new ObjectName(AGENT);
    for (int i = 0; i < 600 && !(Files.exists(profile) && BEANS.isRegistered(agent)); i++) {
      Thread.sleep(50);
    }
  }

  /** Failures that the agent has counted. */
  private static long failures() throws Exception {
    return (Long) BEANS.getAttribute(new ObjectName(AGENT), "Failures");
  }
}
