package io.sparsescope.agent.bootstrap;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Loads the agent's implementation into its own loader and starts it, once in a JVM's life. */
public final class Launcher {
  private static final String MAIN = "io.sparsescope.agent.runtime.AgentMain";
  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private Launcher() {}

  /**
   * Starts the agent, unless it was started before.
   *
   * @param options what stands behind the {@code =} of {@code -javaagent}, or null
   * @param jar the agent's own jar
   */
  public static void launch(String options, Instrumentation instrumentation, File jar)
      throws IOException, ReflectiveOperationException {
    if (!STARTED.compareAndSet(false, true)) {
      System.err.println("sparsescope: the agent runs already, its second start is ignored");
      return;
    }
    ClassLoader loader = new AgentClassLoader(jar);
    try {
      loader
          .loadClass(MAIN)
          .getMethod("start", String.class, Instrumentation.class)
          .invoke(null, options, instrumentation);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("the agent did not start", e.getCause());
    }
  }
}
