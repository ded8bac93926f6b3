package io.sparsescope.agent.runtime;

import io.sparsescope.agent.attach.AttachRequest;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.rewriter.RewriteException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;

/** What the launcher on the boot class path calls; there is one agent in a JVM. */
public final class AgentMain {
  private static Lifecycle lifecycle;

  private AgentMain() {}

  /**
   * Reads the options and instruments ONNX Runtime; with wrong options, or if the agent runs
   * already, says so and does nothing.
   *
   * @param arguments what stands behind the {@code =} of {@code -javaagent}, or null
   */
  @SuppressWarnings("SystemOut") // Wrong options may be those of the log.
  public static void start(String arguments, Instrumentation instrumentation) {
    Lifecycle agent = lifecycle(instrumentation);
    try {
      if (agent.status().running()) {
        System.err.println("sparsescope: the agent runs already, its second start is ignored");
      } else {
        agent.start(arguments);
      }
    } catch (OptionException | RewriteException e) {
      System.err.println("sparsescope: " + e.getMessage() + " (the application runs without)");
    }
  }

  /**
   * Does what an operator asks for through {@code sparsescope attach}, and answers.
   *
   * @param request file with the request, in a folder that only its owner can reach
   */
  public static void command(String request, Instrumentation instrumentation) throws Exception {
    Lifecycle agent = lifecycle(instrumentation);
    AttachRequest.read(Path.of(request))
        .answer(new AttachCommands(agent, agent::report, Version.get()));
  }

  private static synchronized Lifecycle lifecycle(Instrumentation instrumentation) {
    if (lifecycle == null) {
      lifecycle = new Lifecycle(instrumentation);
    }
    return lifecycle;
  }
}
