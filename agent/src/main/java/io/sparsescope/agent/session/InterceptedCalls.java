package io.sparsescope.agent.session;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.nativecount.NativeCounting;
import io.sparsescope.agent.sampling.SessionSampler;
import io.sparsescope.agent.shadow.Memory;
import io.sparsescope.agent.shadow.ShadowThread;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.rewriter.rules.Live;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What the agent does where ONNX Runtime calls its native methods; called by {@link Border}, which
 * catches what may fail here.
 */
public final class InterceptedCalls {
  /** Most memory that copies of inputs take, bytes; never more than a quarter of what there is. */
  private static final long COPIES = 256L << 20;

  /** How long what waits to be done again is done at the JVM's end. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  /** How long a last run may take then. */
  private static final Duration LAST_RUN = Duration.ofSeconds(10);

  private static final String PROFILED =
      "runs are not counted of sessions whose options existed before the agent was attached and have"
          + " ONNX Runtime's profiler on: a run that a session of ours answers would be missing there";

  private final SessionModels models;
  private final CountingLoad loads;
  private final SessionLoader loader;
  private final OpenSessions sessions;
  private final ProfiledModels profiled;
  private final ObservedSessions observed;
  private final Runs runs;

  /** Null if no thresholds are tried. */
  private final LiveRuns liveRuns;

  private final ShadowThread shadow;
  private final Release release;
  private final OrtVersion version;
  private final Journal journal;

  /**
   * @param instrumentation opens ONNX Runtime's module where it is one
   * @param sessions where sessions are registered; may hold some of an agent that was stopped
   * @throws io.sparsescope.rewriter.RewriteException if the rule file cannot be read
   */
  public static InterceptedCalls of(
      AgentOptions options,
      Instrumentation instrumentation,
      ProfiledModels profiled,
      OpenSessions sessions,
      OrtVersion version,
      Journal journal) {
    Detail detail = Detail.of(options);
    CountingLoad loads = new CountingLoad(options.counting(), detail, journal);
    SessionModels models =
        new SessionModels(
            options.models(), SessionModels.rules(options), loads::plansNative, detail);
    models.live().ifPresent(live -> announce(live, options, journal));
    return new InterceptedCalls(
        models,
        loads,
        profiled,
        sessions,
        new OrtTensors(instrumentation),
        version,
        journal,
        Plan.of(options, System::nanoTime));
  }

  InterceptedCalls(
      SessionModels models,
      CountingLoad loads,
      ProfiledModels profiled,
      OpenSessions sessions,
      OrtTensors tensors,
      OrtVersion version,
      Journal journal,
      Plan plan) {
    this.models = models;
    this.loads = loads;
    this.sessions = sessions;
    this.profiled = profiled;
    Live live = models.live().orElse(null);
    this.loader = new SessionLoader(profiled, sessions, journal, plan, loads, live);
    this.observed =
        new ObservedSessions(
            models.matcher(), profiled, tensors, version, plan.samplers(), journal);
    this.version = version;
    this.journal = journal;
    release = new Release(sessions, new NativeClosing(tensors), journal);
    OrtInputs inputs =
        new OrtInputs(tensors, new Memory(Math.min(COPIES, Runtime.getRuntime().maxMemory() / 4)));
    Counting counting = new Counting(tensors, models.detail(), journal);
    if (plan.mode() == Mode.SHADOW || live != null) {
      shadow = new ShadowThread(plan.queue(), t -> journal.failed("running in the shadow", t));
      shadow.start();
      runs =
          new Runs(
              inputs, counting, new Shadow(shadow, inputs, profiled, counting, loader.options()));
    } else {
      shadow = null;
      runs = new Runs(inputs, counting, null);
    }
    liveRuns =
        live == null
            ? null
            : new LiveRuns(
                runs,
                new Comparisons(shadow, inputs, tensors, profiled, counting, loader.options()),
                counting);
  }

  /** Whether native operators may count: what a warm-up should rehearse. */
  public boolean mayCountNatively() {
    return loads.mayBeNative();
  }

  private static void announce(Live live, AgentOptions options, Journal journal) {
    String file = options.rules().orElseThrow().toString();
    if (live.fraction() > 0) {
      journal.warn(
          BigDecimal.valueOf(live.fraction()).movePointRight(2).stripTrailingZeros().toPlainString()
              + " % of the runs are answered with the thresholds of "
              + file
              + ", as it says live: these answers differ by intent");
    } else {
      journal.info("thresholds of " + file + " are compared, and answer no run");
    }
  }

  /** There may be sessions and options that are older than the agent. */
  public void observeOlder() {
    observed.begin();
    loader.options().someAreOlder();
  }

  /** Sessions that are older than the agent, of those that have run. */
  public int observed() {
    return observed.count();
  }

  /** From now on every model is run as it is. */
  public void keepAll(String reason) {
    loader.keepAll(reason);
  }

  /**
   * Counts nothing from now on and rewrites no further model; outputs that sessions have of ours
   * stay hidden. Runs in flight end as they began.
   */
  public void stop() {
    loader.stop();
    observed.stop();
    sessions.retire();
    if (shadow != null) {
      shadow.stop(Duration.ZERO, Duration.ZERO);
    }
  }

  /**
   * Takes back, after {@link #stop}, what open sessions have of ours, as far as that can be done
   * within {@code limit}; a thread goes on with what was in use.
   *
   * @return whether nothing is left to be done but what waits for the application to close sessions
   */
  public boolean release(Duration limit) {
    return release.begin(limit);
  }

  long createSession(
      long api,
      long environment,
      String path,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    boolean older = loader.options().areOlder(options);
    // Of older ones a copy is used that does not profile.
    boolean inMemory = older || !loader.options().profiles(options);
    return created(
        older,
        loader.create(
            api,
            keep -> models.file(path, keep),
            options,
            older,
            model ->
                load(
                    model,
                    api,
                    options,
                    older,
                    o ->
                        RewrittenLoad.fromFile(
                            model, api, environment, o, inMemory, original, fromBuffer, journal)),
            () -> (long) original.invokeExact(api, environment, path, options),
            model -> Original.of(api, environment, options, OriginalModel.ofFile(path, model))));
  }

  long createSession(
      long api,
      long environment,
      byte[] bytes,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    boolean older = loader.options().areOlder(options);
    return created(
        older,
        loader.create(
            api,
            keep -> models.bytes(bytes, keep),
            options,
            older,
            model ->
                load(
                    model,
                    api,
                    options,
                    older,
                    o -> RewrittenLoad.fromBytes(model, api, environment, o, original, fromBuffer)),
            () -> (long) original.invokeExact(api, environment, bytes, options),
            model ->
                Original.of(
                    api,
                    environment,
                    options,
                    OriginalModel.ofMemory(bytes, 0, bytes.length, model))));
  }

  long createSession(
      long api,
      long environment,
      ByteBuffer buffer,
      int position,
      int size,
      long options,
      MethodHandle original)
      throws Throwable {
    boolean older = loader.options().areOlder(options);
    return created(
        older,
        loader.create(
            api,
            keep ->
                models.buffer(buffer.duplicate().limit(position + size).position(position), keep),
            options,
            older,
            model ->
                load(
                    model,
                    api,
                    options,
                    older,
                    o -> RewrittenLoad.fromBuffer(model, api, environment, o, original)),
            () -> (long) original.invokeExact(api, environment, buffer, position, size, options),
            model ->
                Original.of(
                    api,
                    environment,
                    options,
                    OriginalModel.ofMemory(buffer, position, size, model))));
  }

  private long load(
      PreparedModel model, long api, long options, boolean older, NativeCounting.Creation creation)
      throws Throwable {
    return older
        ? loads.loadApart(model, api, options, creation)
        : loads.load(model, api, options, creation);
  }

  private long created(boolean older, long session) {
    if (loader.leaves(older)) {
      observed.createdByOlderOptions(session);
    } else {
      observed.created(session);
    }
    return session;
  }

  boolean[] run(
      Object self,
      long api,
      long session,
      long allocator,
      String[] inputNames,
      long[] inputs,
      long inputCount,
      String[] outputNames,
      long outputCount,
      Object[] outputValues,
      long[] outputs,
      long runOptions,
      Object inputMap,
      MethodHandle original)
      throws Throwable {
    Session known = sessions.get(session);
    LiveArm live = liveRuns == null || known == null ? null : known.live();
    if (live != null) {
      return (boolean[])
          liveRuns.run(
              known,
              live,
              new NativeRun(self, api, allocator, false, original),
              inputNames,
              inputs,
              outputNames,
              outputValues,
              outputs,
              runOptions,
              inputMap);
    }
    if (known == null || known.isRetired()) {
      ObservedSession.Run older = observed.begin(self, session, inputMap);
      boolean[] owned;
      try {
        owned =
            (boolean[])
                original.invoke(
                    self,
                    api,
                    session,
                    allocator,
                    inputNames,
                    inputs,
                    inputCount,
                    outputNames,
                    outputCount,
                    outputValues,
                    outputs,
                    runOptions);
      } catch (Throwable t) {
        observed.failed(older);
        throw t;
      }
      observed.succeeded(older, outputNames, outputValues);
      return owned;
    }
    long size = runs.size(known, inputMap);
    long reserved = runs.admit(known, size);
    Sampled sampled = Sampled.NOT;
    if (reserved != SessionSampler.NO) {
      sampled =
          runs.sample(
              known,
              new NativeRun(self, api, allocator, false, original),
              inputNames,
              inputs,
              outputNames,
              outputValues,
              outputs,
              runOptions,
              inputMap,
              size,
              reserved);
      if (sampled.given() != null) {
        return (boolean[]) sampled.given();
      }
    }
    long begun = System.nanoTime();
    boolean[] result;
    try {
      result =
          (boolean[])
              original.invoke(
                  self,
                  api,
                  session,
                  allocator,
                  inputNames,
                  inputs,
                  inputCount,
                  outputNames,
                  outputCount,
                  outputValues,
                  outputs,
                  runOptions);
    } catch (Throwable t) {
      runs.failed(sampled);
      throw t;
    }
    runs.ran(known, size, begun);
    runs.succeeded(sampled);
    return result;
  }

  Object[] run(
      Object self,
      long api,
      long session,
      long allocator,
      String[] inputNames,
      long[] inputs,
      long inputCount,
      String[] outputNames,
      long outputCount,
      long runOptions,
      Object inputMap,
      MethodHandle original)
      throws Throwable {
    Session known = sessions.get(session);
    LiveArm live = liveRuns == null || known == null ? null : known.live();
    if (live != null) {
      return (Object[])
          liveRuns.run(
              known,
              live,
              new NativeRun(self, api, allocator, true, original),
              inputNames,
              inputs,
              outputNames,
              null,
              null,
              runOptions,
              inputMap);
    }
    if (known == null || known.isRetired()) {
      ObservedSession.Run older = observed.begin(self, session, inputMap);
      Object[] values;
      try {
        values =
            (Object[])
                original.invoke(
                    self,
                    api,
                    session,
                    allocator,
                    inputNames,
                    inputs,
                    inputCount,
                    outputNames,
                    outputCount,
                    runOptions);
      } catch (Throwable t) {
        observed.failed(older);
        throw t;
      }
      observed.succeeded(older, outputNames, values);
      return values;
    }
    long size = runs.size(known, inputMap);
    long reserved = runs.admit(known, size);
    Sampled sampled = Sampled.NOT;
    if (reserved != SessionSampler.NO) {
      sampled =
          runs.sample(
              known,
              new NativeRun(self, api, allocator, true, original),
              inputNames,
              inputs,
              outputNames,
              null,
              null,
              runOptions,
              inputMap,
              size,
              reserved);
      if (sampled.given() != null) {
        return (Object[]) sampled.given();
      }
    }
    long begun = System.nanoTime();
    Object[] result;
    try {
      result =
          (Object[])
              original.invoke(
                  self,
                  api,
                  session,
                  allocator,
                  inputNames,
                  inputs,
                  inputCount,
                  outputNames,
                  outputCount,
                  runOptions);
    } catch (Throwable t) {
      runs.failed(sampled);
      throw t;
    }
    runs.ran(known, size, begun);
    runs.succeeded(sampled);
    return result;
  }

  /**
   * The application's session is about to be closed.
   *
   * @param handle the native session that the call is about
   * @return what is known of it; null if it is none that we know
   */
  Session closing(Object self, long handle) {
    Session known = sessions.take(self, handle);
    observed.closed(sessions.current(self, handle));
    if (known != null && known.thresholded() != null) {
      // The application's session may just be run, too, to compare.
      runs.close(known.thresholded());
    }
    return known;
  }

  /** The application's session is closed: so are those of ours beside it. */
  void closed(Session known, Object self, long api, MethodHandle original) {
    try {
      if (known != null && known.second() != 0) {
        runs.close(known);
      }
      if (known != null && known.claim()) {
        if (known.second() != 0) {
          original.invoke(self, api, known.second());
        }
        if (known.thresholded() != null) {
          original.invoke(self, api, known.thresholded().handle());
        }
      }
      if (known != null && known.original() != null) {
        known.original().close();
      }
      for (long abandoned : loader.abandoned(api)) {
        original.invoke(self, api, abandoned);
      }
    } catch (Throwable t) {
      journal.failed("closing a session of ours", t);
    }
  }

  /** What is known of session options and run options. */
  OptionsSeen options() {
    return loader.options();
  }

  /**
   * The JVM ends: what waits to be done again is done for a moment, then no more.
   *
   * @return whether nothing of ours runs any more; else closing the environment would crash the JVM
   */
  public boolean finish() {
    boolean idle = shadow == null || shadow.stop(DRAIN, LAST_RUN);
    idle &= sessions.work().end(LAST_RUN);
    if (!idle) {
      journal.warn("ONNX Runtime's environment is not closed: a run of ours still uses it");
    }
    return idle;
  }

  /** An {@code OrtSession} is being made of a native session that was created. */
  void opened(Object self, long session) {
    try {
      version.learnFrom(self);
    } catch (Throwable t) {
      journal.failed("asking for ONNX Runtime's version", t);
    }
    Session known = sessions.get(session);
    if (known != null) {
      known.belongsTo(self);
    }
    if (loader.options().maySomeBeOlder()) {
      if (known != null && known.second() != 0 && !known.isShadowed()) {
        keepProfileWhole(known, self);
      }
    }
  }

  /** Nothing more is asked of a native session for its {@code OrtSession} to be made. */
  void built(long session) {
    Session known = sessions.get(session);
    if (known != null) {
      known.built();
    }
  }

  /** Only now can be asked whether session options from before our time have the profiler on. */
  private void keepProfileWhole(Session session, Object self) {
    try {
      Object start = self.getClass().getMethod("getProfilingStartTimeInNs").invoke(self);
      if ((long) start == 0) {
        return;
      }
      ProfileRecorder recorder = session.recorder();
      if (recorder != null) {
        profiled.note(recorder, PROFILED);
      }
    } catch (Throwable t) {
      journal.failed("asking whether ONNX Runtime's profiler is on", t);
    }
    session.leaveAlone();
  }
}
