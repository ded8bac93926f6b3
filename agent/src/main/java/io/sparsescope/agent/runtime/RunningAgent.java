package io.sparsescope.agent.runtime;

import io.sparsescope.agent.bootstrap.Bridge;
import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.session.InterceptedCalls;
import io.sparsescope.agent.session.OrtVersion;
import io.sparsescope.agent.session.ProfiledModels;
import io.sparsescope.agent.weave.OrtTransformer;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Profile;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.time.InstantSource;

/** The agent from its start on, with the options it was started with. */
final class RunningAgent implements Observed {
  private final AgentLog log;
  private final ProfiledModels models = new ProfiledModels();
  private final OrtVersion onnxruntime = new OrtVersion();

  private RunningAgent(AgentLog log) {
    this.log = log;
  }

  /**
   * Instruments ONNX Runtime and starts whatever the options ask for.
   *
   * @throws io.sparsescope.rewriter.RewriteException if the rule file cannot be read
   */
  static RunningAgent start(AgentOptions options, Instrumentation instrumentation)
      throws Exception {
    AgentLog log = new AgentLog(options.log());
    RunningAgent agent = new RunningAgent(log);
    InterceptedCalls calls =
        InterceptedCalls.of(options, instrumentation, agent.models, agent.onnxruntime, log);
    Bridge.install(calls);
    OrtTransformer.install(instrumentation, new Weaving(log, calls));
    options
        .out()
        .ifPresent(
            file ->
                new ProfileWriter(
                        file, options.interval(), agent, agent.intervals(options, file), log)
                    .start());
    log.info("agent " + Version.get() + " started");
    return agent;
  }

  /** Null if no intervals are to be kept. */
  private IntervalWriter intervals(AgentOptions options, Path file) {
    return options.retain() == 0
        ? null
        : new IntervalWriter(
            new IntervalFiles(file, options.retain()),
            models::takeInterval,
            this::info,
            InstantSource.system(),
            log);
  }

  private AgentInfo info() {
    return log.info(Version.get(), onnxruntime.get());
  }

  @Override
  public Profile profile() {
    return new Profile(info(), models.snapshot());
  }

  @Override
  public boolean sawOnnxRuntime() {
    return log.sawOnnxRuntime();
  }
}
