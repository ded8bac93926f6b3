package io.sparsescope.agent.runtime;

import io.sparsescope.agent.bootstrap.Bridge;
import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.agent.session.InterceptedCalls;
import io.sparsescope.agent.session.OrtVersion;
import io.sparsescope.agent.session.ProfiledModels;
import io.sparsescope.agent.weave.OrtTransformer;
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
      start(AgentOptions.read(arguments), instrumentation);
    } catch (OptionException | RewriteException e) {
      System.err.println("sparsescope: " + e.getMessage() + " (the application runs without)");
    }
  }

  private static void start(AgentOptions options, Instrumentation instrumentation)
      throws Exception {
    AgentLog log = new AgentLog(options.log());
    ProfiledModels models = new ProfiledModels();
    OrtVersion onnxruntime = new OrtVersion();
    InterceptedCalls calls =
        InterceptedCalls.of(options, instrumentation, models, onnxruntime, log);
    Bridge.install(calls);
    OrtTransformer.install(instrumentation, new Weaving(log, calls));
    options
        .out()
        .ifPresent(
            file -> new ProfileWriter(file, options.interval(), models, onnxruntime, log).start());
    log.info("agent " + Version.get() + " started");
  }
}
