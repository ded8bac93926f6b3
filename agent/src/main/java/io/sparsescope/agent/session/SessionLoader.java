package io.sparsescope.agent.session;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.sampling.Measure;
import io.sparsescope.profile.ProfileRecorder;

/** Creates sessions: of rewritten models where that may be and can be, else of the originals. */
final class SessionLoader {
  private static final String SAVES =
      "the application has ONNX Runtime save the optimized model, which must be its own";

  private static final String FULL =
      "the agent has seen " + ProfiledModels.MAX_MODELS + " other models already";

  private static final String PROFILES =
      "counted in the application's own session, whose runs all pay for it: its options have ONNX"
          + " Runtime's profiler on, which would write a second file for a second session";

  private final ProfiledModels profiled;
  private final OpenSessions sessions;
  private final Journal journal;
  private final Plan plan;
  private final OptionsSeen options = new OptionsSeen();

  /** Why every model is run as it is, "" if nothing forbids to rewrite. */
  private volatile String keepAll = "";

  private volatile boolean stopped;

  /** Sessions of ours whose application's sessions were never created. */
  private final Abandoned abandoned = new Abandoned();

  /**
   * @param sessions where sessions are registered
   */
  SessionLoader(ProfiledModels profiled, OpenSessions sessions, Journal journal, Plan plan) {
    this.profiled = profiled;
    this.sessions = sessions;
    this.journal = journal;
    this.plan = plan;
  }

  /** From now on every model is run as it is. */
  void keepAll(String reason) {
    keepAll = reason;
  }

  /** From now on no model is looked at. */
  void stop() {
    stopped = true;
  }

  OptionsSeen options() {
    return options;
  }

  /** Sessions that nobody will ever use and that are now to be closed by the caller. */
  long[] abandoned(long api) {
    return abandoned.take(api);
  }

  /**
   * Creates the session that the application asked for and returns it, registered: of the rewritten
   * model, or of its own with one of ours beside it; as the application asked for it if the model
   * is not to be counted, or cannot be.
   */
  long create(long api, Source source, long settings, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    WarmUp.await();
    sessions.creating();
    try {
      return stopped
          ? original.create()
          : createAnnounced(api, source, settings, rewritten, original);
    } finally {
      sessions.created();
    }
  }

  private long createAnnounced(
      long api, Source source, long settings, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    String keep = reasonToKeep(settings);
    if (keep.isEmpty() && plan.two() && !options.profiles(settings)) {
      return createTwo(api, source, settings, rewritten, original);
    }
    PreparedModel model = prepare(source, keep);
    if (model == null) {
      return original.create();
    }
    try {
      long session = load(model, rewritten);
      if (session == 0) {
        session = original.create();
      }
      register(session, 0, model, Measure.OWN_WORK);
      return session;
    } finally {
      close(model);
    }
  }

  private long createTwo(
      long api, Source source, long settings, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    SecondLoad load =
        new SecondLoad(
            () -> {
              PreparedModel model = prepare(source, "");
              return new Second(model, model == null ? 0 : load(model, rewritten), null);
            });
    // Whether other providers bear two sessions at once from the same options is not known.
    if (!options.provides(settings)) {
      load.start();
    }
    long session;
    try {
      session = original.create();
    } catch (Throwable t) {
      Second second = load.abandon();
      abandoned.add(api, second.handle());
      close(second.model());
      throw t;
    }
    Second second = load.get();
    if (second.failure() != null) {
      journal.failed("creating a session of ours", second.failure());
    }
    if (second.model() != null) {
      try {
        Measure measure = plan.mode() == Mode.SHADOW ? Measure.APART : Measure.COMPARED;
        register(session, second.handle(), second.model(), measure);
      } finally {
        close(second.model());
      }
    }
    return session;
  }

  /** Null if the model is not to be touched. */
  private PreparedModel prepare(Source source, String keep) {
    try {
      return source.prepare(keep);
    } catch (Throwable t) {
      journal.failed("preparing a model", t);
      return null;
    }
  }

  private String reasonToKeep(long settings) {
    if (options.saves(settings)) {
      return SAVES;
    }
    return profiled.isFull() ? FULL : keepAll;
  }

  /** The session's handle, 0 if there is none. */
  private long load(PreparedModel model, NativeLoad rewritten) {
    if (!model.isRewritten()) {
      return 0;
    }
    try {
      return rewritten.load(model);
    } catch (Throwable t) {
      model.refused(t);
      return 0;
    }
  }

  /**
   * @param second a session of ours, 0 if there is none
   */
  private void register(long handle, long second, PreparedModel model, Measure measure) {
    // First of all: from here on our outputs are hidden.
    Session session =
        new Session(handle, second, model.taps(), measure, plan.samplers().session(measure));
    sessions.put(handle, session);
    try {
      if (model.refusal() != null) {
        journal.failed("loading the rewritten model " + model.info().name(), model.refusal());
      }
      if (!model.reason().isEmpty()) {
        journal.warn(model.info().name() + " is not instrumented: " + model.reason());
      }
      ProfileRecorder recorder = profiled.recorder(model);
      session.recordTo(recorder);
      if (plan.two() && second == 0 && model.isRewritten()) {
        journal.warn(model.info().name() + " is " + PROFILES);
        profiled.note(recorder, PROFILES);
      }
      if (stopped) {
        sessions.retire(session);
      }
    } catch (Throwable t) {
      journal.failed("registering a session of " + model.info().name(), t);
    }
  }

  private void close(PreparedModel model) {
    try {
      if (model != null) {
        model.close();
      }
    } catch (Throwable t) {
      journal.failed("closing the model " + model.info().name(), t);
    }
  }

  /**
   * What became of a session of ours.
   *
   * @param model null if it is not to be touched
   * @param handle 0 if there is no session
   * @param failure what we failed at, or null
   */
  record Second(PreparedModel model, long handle, Throwable failure) {
    static final Second NONE = new Second(null, 0, null);

    static Second failed(Throwable cause) {
      return new Second(null, 0, cause);
    }
  }

  /** Where a model comes from; {@code keep} says why it must not be rewritten, "" if it may. */
  interface Source {
    PreparedModel prepare(String keep) throws Throwable;
  }

  /** Creates a session of a rewritten model. */
  interface NativeLoad {
    long load(PreparedModel model) throws Throwable;
  }

  /** Creates a session as the application asked for. */
  interface NativeCreate {
    long create() throws Throwable;
  }
}
