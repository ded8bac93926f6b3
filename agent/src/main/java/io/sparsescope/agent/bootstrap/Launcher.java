package io.sparsescope.agent.bootstrap;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;

/**
 * Loads the agent's implementation into its own loader, once in a JVM's life, and passes on to it
 * whatever the JVM calls.
 */
public final class Launcher {
  /**
   * What the arguments of an agent that is attached begin with if they name an operator's command,
   * instead of options. No option's name does.
   */
  private static final String COMMAND = "attach:";

  private static final String MAIN = "io.sparsescope.agent.runtime.AgentMain";
  private static Class<?> main;

  private Launcher() {}

  /**
   * Starts the agent, unless it runs already, or has it carry out an operator's command.
   *
   * @param arguments what stands behind the {@code =} of {@code -javaagent}, or null
   * @param jar the agent's own jar; the one that came first is used
   */
  public static synchronized void launch(
      String arguments, Instrumentation instrumentation, File jar)
      throws IOException, ReflectiveOperationException {
    if (main == null) {
      main = new AgentClassLoader(jar).loadClass(MAIN);
    }
    boolean isCommand = arguments != null && arguments.startsWith(COMMAND);
    try {
      main.getMethod(isCommand ? "command" : "start", String.class, Instrumentation.class)
          .invoke(
              null, isCommand ? arguments.substring(COMMAND.length()) : arguments, instrumentation);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          (isCommand ? "the command was not carried out: " : "the agent did not start: ")
              + e.getCause(),
          e.getCause());
    }
  }
}
