package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Starts and stops the agent over and over through JMX, in one mode after the other, with sessions
 * open at each stop. Prints what {@link ManySessionsProgram} prints.
 *
 * <p>Arguments: a model, the number of starts.
 */
public final class StoppingProgram {
  private static final int SESSIONS = 8;
  private static final String[] MODES = {"sample=1/1", "sample=1/2", "mode=shadow"};

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final ObjectName agent = new ObjectName("io.sparsescope:type=Agent");

  private StoppingProgram() throws Exception {}

  public static void main(String[] arguments) throws Exception {
    StoppingProgram program = new StoppingProgram();
    // Without ONNX Runtime in use there is no bean.
    program.environment.createSession(arguments[0]).close();
    while (!program.server.isRegistered(program.agent)) {
      Thread.sleep(10);
    }
    program.stop();
    int starts = Integer.parseInt(arguments[1]);
    for (int i = 1; i <= starts; i++) {
      program.cycle(arguments[0], MODES[i % MODES.length]);
      if (i == starts / 4 || i == starts) {
        ManySessionsProgram.print();
      }
    }
  }

  private void cycle(String model, String mode) throws Exception {
    server.invoke(
        agent,
        "start",
        new Object[] {"out=none,interval=1h,tap=op:Relu," + mode},
        new String[] {String.class.getName()});
    try (OrtSession.SessionOptions own = new OrtSession.SessionOptions()) {
      own.setIntraOpNumThreads(1);
      List<OrtSession> sessions = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(environment.createSession(model, own));
        run(sessions.get(i));
      }
      stop();
      for (OrtSession session : sessions) {
        run(session);
        session.close();
      }
    }
  }

  private void stop() throws Exception {
    Object answer = server.invoke(agent, "stop", new Object[0], new String[0]);
    Object failures = server.getAttribute(agent, "Failures");
    if (!String.valueOf(answer).contains("as they were") || (long) failures != 0) {
      throw new IllegalStateException(answer + ", " + failures + " failures");
    }
  }

  private void run(OrtSession session) throws Exception {
    try (OnnxTensor x =
        OnnxTensor.createTensor(environment, FloatBuffer.wrap(new float[8]), new long[] {1, 8})) {
      session.run(Map.of("x", x)).close();
      session.run(Map.of("x", x)).close();
    }
  }
}
