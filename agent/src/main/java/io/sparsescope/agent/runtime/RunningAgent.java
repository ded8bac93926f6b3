package io.sparsescope.agent.runtime;

import io.sparsescope.agent.bootstrap.Bridge;
import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.export.Exports;
import io.sparsescope.agent.session.InterceptedCalls;
import io.sparsescope.agent.session.OrtVersion;
import io.sparsescope.agent.session.ProfiledModels;
import io.sparsescope.agent.weave.OrtTransformer;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Profile;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The agent from its start on, with the options it was started with. */
final class RunningAgent implements Observed {
  private final AgentLog log;
  private final ProfiledModels models = new ProfiledModels();
  private final OrtVersion onnxruntime = new OrtVersion();

  /** What was started and is to be closed when the agent stops. */
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();

  private volatile Supplier<String> metricsAddress = () -> "";

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
    OrtTransformer.install(
        instrumentation, new Weaving(log, calls, agent.exportsOnceInUse(options)));
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

  /** Prepares what the options ask for; nothing of it is loaded if they do not. */
  private Runnable exportsOnceInUse(AgentOptions options) {
    if (options.metrics().isEmpty() && options.otlp().isEmpty()) {
      return () -> {};
    }
    Exports exports = new Exports(options, this::profile, log);
    parts.add(exports);
    metricsAddress = exports::metricsAddress;
    return exports::begin;
  }

  /** HOST:PORT where metrics are served, "" while they are not. */
  String metricsAddress() {
    return metricsAddress.get();
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
