package io.sparsescope.agent.session;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.sampling.Measure;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.rewriter.rules.Live;
import java.util.concurrent.atomic.AtomicLong;

/** Creates sessions: of rewritten models where that may be and can be, else of the originals. */
final class SessionLoader {
  private static final String SAVES =
      "the application has ONNX Runtime save the optimized model, which must be its own";

  private static final String FULL =
      "the agent has seen " + ProfiledModels.MAX_MODELS + " other models already";

  private static final String PROFILES =
      "counted in the application's own session, whose runs all pay for it: its options have ONNX"
          + " Runtime's profiler on, which would write a second file for a second session";

  private static final String PROFILES_ONE =
      "its options have ONNX Runtime's profiler on, which would write a file for each session";

  private final ProfiledModels profiled;
  private final OpenSessions sessions;
  private final Journal journal;
  private final Plan plan;
  private final CountingLoad loads;
  private final Live live;
  private final OptionsSeen options = new OptionsSeen();
  private final LoadThread thread = new LoadThread();

  /** Why every model is run as it is, "" if nothing forbids to rewrite. */
  private volatile String keepAll = "";

  private volatile boolean stopped;

  /** How many sessions have thresholds tried. */
  private final AtomicLong lives = new AtomicLong();

  /**
   * @param sessions where sessions are registered
   * @param live how thresholds are tried, null if they are not
   */
  SessionLoader(
      ProfiledModels profiled,
      OpenSessions sessions,
      Journal journal,
      Plan plan,
      CountingLoad loads,
      Live live) {
    this.profiled = profiled;
    this.sessions = sessions;
    this.journal = journal;
    this.plan = plan;
    this.loads = loads;
    this.live = live;
    if (plan.two()) {
      thread.start();
    }
  }

  /** From now on every model is run as it is. */
  void keepAll(String reason) {
    keepAll = reason;
  }

  /** From now on no model is looked at. */
  void stop() {
    stopped = true;
    thread.stop();
  }

  OptionsSeen options() {
    return options;
  }

  /** Sessions that nobody will ever use and that are now to be closed by the caller. */
  long[] abandoned(long api) {
    return sessions.abandoned().take(api);
  }

  /**
   * Whether sessions of these options are left to be observed as if they were older than the agent:
   * one of ours might save or profile as the options ask for, unknown to us.
   *
   * @param older whether it is unknown what the options ask for
   */
  boolean leaves(boolean older) {
    return older && !loads.loadsApart();
  }

  /**
   * Creates the session that the application asked for and returns it, registered: of the rewritten
   * model, or of its own with one of ours beside it; as the application asked for it if the model
   * is not to be counted, or cannot be.
   *
   * @param older whether it is unknown what the options ask for; {@code rewritten} must then create
   *     sessions that neither save nor profile
   * @param keeper keeps what the session would have been created from
   */
  long create(
      long api,
      Source source,
      long settings,
      boolean older,
      NativeLoad rewritten,
      NativeCreate original,
      Original.Keeper keeper)
      throws Throwable {
    WarmUp.await();
    sessions.creating();
    try {
      return stopped || leaves(older)
          ? original.create()
          : createAnnounced(api, source, settings, older, rewritten, original, keeper);
    } finally {
      sessions.created();
    }
  }

  private long createAnnounced(
      long api,
      Source source,
      long settings,
      boolean older,
      NativeLoad rewritten,
      NativeCreate original,
      Original.Keeper keeper)
      throws Throwable {
    String keep = reasonToKeep(settings);
    if (keep.isEmpty() && (older || (plan.two() && !options.profiles(settings)))) {
      // Older options may have other providers, which is not known either.
      boolean inTurn = older || options.provides(settings);
      return createTwo(api, source, inTurn, rewritten, original);
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
      if (options.profiles(settings) && model.thresholded() != null) {
        model.thresholded().keep(PROFILES_ONE);
      }
      long thresholded = loadThresholded(model, rewritten);
      Session registered = register(api, session, 0, thresholded, model, Measure.OWN_WORK);
      if (registered.ours) {
        keepOriginal(registered, settings, keeper, model);
      }
      return session;
    } finally {
      close(model);
    }
  }

  /** So that a stop can give the application a session of it. */
  private void keepOriginal(
      Session session, long settings, Original.Keeper keeper, PreparedModel model) {
    try {
      if (options.profiles(settings)) {
        session.standsFor(null, "its options have ONNX Runtime's profiler on");
      } else if (options.initializes(settings)) {
        session.standsFor(null, "its options hold weights in the application's memory");
      } else {
        session.standsFor(keeper.keep(model), "");
      }
    } catch (Original.UnkeptException e) {
      session.standsFor(null, e.getMessage());
    } catch (Throwable t) {
      session.standsFor(null, "what it was created from could not be kept");
      journal.failed("keeping what a session was created from", t);
    }
  }

  private long createTwo(
      long api, Source source, boolean inTurn, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    SecondLoad load =
        new SecondLoad(
            () -> {
              PreparedModel model = prepare(source, "");
              long handle = model == null ? 0 : load(model, rewritten);
              long thresholded = model == null ? 0 : loadThresholded(model, rewritten);
              return new Second(model, handle, thresholded, null);
            });
    // Whether other providers bear two sessions at once from the same options is not known.
    if (!inTurn) {
      load.start(thread);
    }
    long session;
    try {
      session = original.create();
    } catch (Throwable t) {
      Second second = load.abandon();
      sessions.abandoned().add(api, second.handle());
      sessions.abandoned().add(api, second.thresholded());
      close(second.model());
      throw t;
    }
    Second second = load.get();
    if (second.failure() != null) {
      journal.failed("creating a session of ours", second.failure());
    }
    if (second.model() != null) {
      try {
        register(
            api, session, second.handle(), second.thresholded(), second.model(), measureOfTwo());
      } finally {
        close(second.model());
      }
    }
    return session;
  }

  private Measure measureOfTwo() {
    if (plan.mode() == Mode.SHADOW) {
      return Measure.APART;
    }
    // Where every run is counted there is none to compare with.
    return plan.all() ? Measure.OWN_WORK : Measure.COMPARED;
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

  /** The handle of a session of the model with thresholds, 0 if there is none. */
  private long loadThresholded(PreparedModel model, NativeLoad rewritten) {
    PreparedModel thresholded = model.thresholded();
    return thresholded == null ? 0 : load(thresholded, rewritten);
  }

  /**
   * @param api ONNX Runtime's functions
   * @param second a session of ours, 0 if there is none
   * @param thresholded a session of ours of the model with thresholds, 0 if there is none
   */
  private Session register(
      long api, long handle, long second, long thresholded, PreparedModel model, Measure measure) {
    // First of all: from here on our outputs are hidden.
    Session session =
        new Session(api, handle, second, model.taps(), measure, plan.samplers().session(measure));
    Session tried = thresholded == 0 ? null : withThresholds(api, thresholded, model, measure);
    session.beside(tried);
    sessions.put(handle, session);
    try {
      if (model.refusal() != null) {
        journal.failed("loading the rewritten model " + model.info().name(), model.refusal());
      }
      if (!model.reason().isEmpty()) {
        journal.warn(model.info().name() + " is not instrumented: " + model.reason());
      }
      ProfileRecorder recorder = profiled.recorder(model, tried == null ? "" : LiveArm.UNTOUCHED);
      session.recordTo(recorder);
      if (tried != null) {
        tried.recordTo(profiled.recorder(model.thresholded(), LiveArm.THRESHOLDED));
        session.tries(new LiveArm(tried, live, lives.getAndIncrement()));
      }
      noteUntried(recorder, model.thresholded());
      model.loaded();
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
    return session;
  }

  private Session withThresholds(long api, long handle, PreparedModel model, Measure untouched) {
    // Whether or not a run is counted, the same session does it: there is none to compare with.
    Measure measure = untouched == Measure.APART ? Measure.APART : Measure.OWN_WORK;
    Taps taps = model.thresholded().taps();
    return new Session(api, handle, 0, taps, measure, plan.samplers().session(measure));
  }

  private void noteUntried(ProfileRecorder recorder, PreparedModel thresholded) {
    if (thresholded == null || thresholded.isRewritten()) {
      return;
    }
    String name = thresholded.info().name();
    if (thresholded.refusal() != null) {
      journal.failed("loading the model with thresholds " + name, thresholded.refusal());
    }
    journal.warn("thresholds are not tried on " + name + ": " + thresholded.reason());
    profiled.note(recorder, "thresholds are not tried: " + thresholded.reason());
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
   * @param thresholded another one, of the model with thresholds; 0 if there is none
   * @param failure what we failed at, or null
   */
  record Second(PreparedModel model, long handle, long thresholded, Throwable failure) {
    static final Second NONE = new Second(null, 0, 0, null);

    static Second failed(Throwable cause) {
      return new Second(null, 0, 0, cause);
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
