package io.sparsescope.agent.runtime;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.rewriter.RewriteException;
import java.lang.instrument.Instrumentation;

/** Starts the agent's parts. Called once, by the launcher on the boot class path. */
public final class AgentMain {
  private AgentMain() {}

  /**
   * Reads the options and instruments ONNX Runtime; with wrong options says so and does nothing.
   *
   * @param arguments what stands behind the {@code =} of {@code -javaagent}, or null
   */
  @SuppressWarnings("SystemOut") // Wrong options may be those of the log.
  public static void start(String arguments, Instrumentation instrumentation) throws Exception {
    try {
      RunningAgent.start(AgentOptions.read(arguments), instrumentation);
    } catch (OptionException | RewriteException e) {
      System.err.println("sparsescope: " + e.getMessage() + " (the application runs without)");
    }
  }
}
