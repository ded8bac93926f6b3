package io.sparsescope.agent.runtime;

import io.sparsescope.agent.bootstrap.Bridge;
import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.events.SampleEvents;
import io.sparsescope.agent.export.Exports;
import io.sparsescope.agent.session.Border;
import io.sparsescope.agent.session.InterceptedCalls;
import io.sparsescope.agent.session.OpenSessions;
import io.sparsescope.agent.session.OrtVersion;
import io.sparsescope.agent.session.ProfiledModels;
import io.sparsescope.agent.session.WarmUp;
import io.sparsescope.agent.weave.OrtTransformer;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The agent from a start to a stop, with the options it was started with. What it has counted can
 * be read afterwards, too. Started and stopped by one thread at a time.
 */
final class RunningAgent implements Observed {
  /** How long a stop waits for runs under way. */
  private static final Duration RELEASE = Duration.ofSeconds(10);

  private final AgentOptions options;
  private final Instrumentation instrumentation;
  private final AgentLog log;
  private final ProfiledModels models = new ProfiledModels(SampleEvents.listener());
  private final OrtVersion onnxruntime = new OrtVersion();
  private final InterceptedCalls calls;
  private final Border border;
  private final Optional<Reference> reference;

  /** What is closed at a stop, the last one first. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private volatile Supplier<String> metricsAddress = () -> "";
  private OrtTransformer transformer;

  /**
   * Does nothing yet.
   *
   * @param sessions where sessions are registered; may hold some of an agent that was stopped
   * @throws io.sparsescope.rewriter.RewriteException if the rule file cannot be read
   */
  RunningAgent(AgentOptions options, Instrumentation instrumentation, OpenSessions sessions) {
    this.options = options;
    this.instrumentation = instrumentation;
    log = new AgentLog(options.log());
    reference = options.reference().map(file -> new Reference(file, log));
    calls = InterceptedCalls.of(options, instrumentation, models, sessions, onnxruntime, log);
    border = new Border(calls, sessions, log);
  }

  /** Instruments ONNX Runtime and starts whatever the options ask for. */
  void start() throws UnmodifiableClassException {
    if (OrtTransformer.isLoaded(instrumentation)) {
      calls.observeOlder();
    }
    Bridge.install(border);
    WarmUp.whenOnnxRuntimeAppears(instrumentation, calls.mayCountNatively());
    transformer =
        OrtTransformer.install(instrumentation, new Weaving(log, calls, exportsOnceInUse()));
    reference.ifPresent(Reference::begin);
    startProfile();
    log.info("agent " + Version.get() + " started");
  }

  private void startProfile() {
    if (options.out().isEmpty() && options.retain() > 0) {
      log.warn("retain keeps files beside the profile, and there is none; give out=FILE");
    }
    options
        .out()
        .ifPresent(
            file -> {
              ProfileWriter writer =
                  new ProfileWriter(
                      file, options.interval(), this, intervals(file), calls::finish, log);
              writer.start();
              parts.push(writer);
            });
  }

  /** Null if no intervals are to be kept. */
  private IntervalWriter intervals(Path file) {
    return options.retain() == 0
        ? null
        : new IntervalWriter(
            new IntervalFiles(file, options.retain()),
            models::takeInterval,
            this::info,
            InstantSource.system(),
            log);
  }

  /** Prepares what the options ask for; nothing of it is loaded if they do not. */
  private Runnable exportsOnceInUse() {
    if (options.metrics().isEmpty() && options.otlp().isEmpty()) {
      return () -> {};
    }
    Exports exports = new Exports(options, this::profile, this::drift, log);
    parts.push(exports);
    metricsAddress = exports::metricsAddress;
    return exports::begin;
  }

  /**
   * Ends counting and all that was started, the last profile written; ONNX Runtime's classes go on
   * calling us, and outputs of ours stay hidden, until {@link #undo}.
   */
  void stop() {
    calls.stop();
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception | LinkageError e) {
        log.failed("stopping " + part.getClass().getSimpleName(), e);
      }
    }
  }

  /**
   * Takes back what open sessions have of ours, after {@link #stop}.
   *
   * @return whether nothing is left to be done but what waits for the application to close sessions
   */
  boolean release() {
    return calls.release(RELEASE);
  }

  /**
   * Gives ONNX Runtime's classes their own code back. The bridge goes on passing to us what calls
   * may still be under way in the other code, as only we know which native sessions are closed.
   */
  void undo() {
    try {
      if (transformer != null) {
        transformer.undo();
      }
      log.debug("ONNX Runtime's classes are as they were");
    } catch (UnmodifiableClassException | RuntimeException | LinkageError e) {
      // They go on calling the bridge, which passes on.
      log.failed("giving ONNX Runtime's classes their own code back", e);
    }
  }

  /** Leaves ONNX Runtime's classes to an agent that is about to start. */
  void handOver() {
    if (transformer != null) {
      transformer.remove();
    }
  }

  void reset() {
    models.reset();
  }

  /** Sessions that are older than this agent, of those that have run. */
  int observed() {
    return calls.observed();
  }

  AgentOptions options() {
    return options;
  }

  /** HOST:PORT where metrics are served, "" while they are not. */
  String metricsAddress() {
    return metricsAddress.get();
  }

  private AgentInfo info() {
    return log.info(Version.get(), onnxruntime.get());
  }

  @Override
  public Profile profile() {
    return new Profile(info(), models.snapshot());
  }

  @Override
  public Optional<Drift> drift() {
    return drift(profile());
  }

  private Optional<Drift> drift(Profile live) {
    return reference.flatMap(profile -> profile.drift(live));
  }

  @Override
  public boolean sawOnnxRuntime() {
    return log.sawOnnxRuntime();
  }
}
