package io.sparsescope.agent.it;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.MBeanServerDelegate;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * An application that looks at the agent through JMX, and prints what it sees.
 *
 * <p>Arguments: the model tiny of {@link TestModels}.
 */
public final class ManagedProgram {
  private static final long LIMIT_SECONDS = 60;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final ObjectName agent = new ObjectName("io.sparsescope:type=Agent");
  private MBeanServer server;

  private ManagedProgram() throws Exception {}

  public static void main(String[] arguments) throws Exception {
    new ManagedProgram().look(arguments[0]);
  }

  private void look(String model) throws Exception {
    try (OrtSession session = environment.createSession(model)) {
      run(session, 3);
      say("servers before", MBeanServerFactory.findMBeanServer(null).size());
      awaitBean();
      show();
      call("reset");
      run(session, 2);
      show();
      say("dumped", call("dump", "dumped.json"));
      say("stopped", call("stop"));
      say("running", server.getAttribute(agent, "Running"));
    }
    say("started", call("start", "out=none,tap=op:Relu"));
    try (OrtSession session = environment.createSession(model)) {
      run(session, 4);
    }
    show();
    try {
      call("start", "nonsense=1");
      call("stop");
      call("start", "nonsense=1");
    } catch (Exception e) {
      say("wrong", e.getCause());
    }
  }

  private void awaitBean() throws Exception {
    server = ManagementFactory.getPlatformMBeanServer();
    CountDownLatch registered = new CountDownLatch(1);
    server.addNotificationListener(
        MBeanServerDelegate.DELEGATE_NAME,
        (notification, handback) -> {
          if (server.isRegistered(agent)) {
            registered.countDown();
          }
        },
        null,
        null);
    if (!server.isRegistered(agent) && !registered.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no bean");
    }
  }

  private void show() throws Exception {
    for (String name : new String[] {"Models", "Runs", "SampledRuns", "Failures", "OnnxRuntime"}) {
      System.out.print(name + "=" + server.getAttribute(agent, name) + " ");
    }
    System.out.println();
  }

  private Object call(String operation, String... arguments) throws Exception {
    String[] types = new String[arguments.length];
    java.util.Arrays.fill(types, String.class.getName());
    return server.invoke(agent, operation, arguments, types);
  }

  private void run(OrtSession session, int times) throws OrtException {
    for (int i = 0; i < times; i++) {
      try (OnnxTensor x =
              OnnxTensor.createTensor(
                  environment, FloatBuffer.wrap(new float[8]), new long[] {1, 8});
          OrtSession.Result result = session.run(Map.of("x", x))) {
        result.get(0);
      }
    }
  }

  private static void say(String title, Object what) {
    System.out.println(title + ": " + what);
  }
}
