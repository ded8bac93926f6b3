package io.sparsescope.agent.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Creates sessions: of rewritten models where that may be and can be, else of the originals. */
final class SessionLoader {
  private static final String SAVES =
      "the application has ONNX Runtime save the optimized model, which must be its own";

  private static final String FULL =
      "the agent has seen " + ProfiledModels.MAX_MODELS + " other models already";

  private final ProfiledModels profiled;
  private final OpenSessions sessions;
  private final Journal journal;
  private final int sample;

  /** Why every model is run as it is, "" if nothing forbids to rewrite. */
  private volatile String keepAll = "";

  private volatile boolean stopped;

  /** Native handles of session options that save the optimized model. */
  private final Set<Long> savingOptions = ConcurrentHashMap.newKeySet();

  /**
   * @param sessions where sessions are registered
   * @param sample every how many runs of a session one is counted
   */
  SessionLoader(ProfiledModels profiled, OpenSessions sessions, Journal journal, int sample) {
    this.profiled = profiled;
    this.sessions = sessions;
    this.journal = journal;
    this.sample = sample;
  }

  /** From now on every model is run as it is. */
  void keepAll(String reason) {
    keepAll = reason;
  }

  /** From now on no model is looked at. */
  void stop() {
    stopped = true;
  }

  /** Whether sessions created with the options save the optimized model. */
  void saves(long options, boolean saves) {
    if (saves) {
      savingOptions.add(options);
    } else {
      savingOptions.remove(options);
    }
  }

  /**
   * Creates a session of the rewritten model or, if there is none or it cannot be loaded, as the
   * application asked for it. Returns the native session, registered.
   */
  long create(Source source, long options, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    sessions.creating();
    try {
      return createAnnounced(source, options, rewritten, original);
    } finally {
      sessions.created();
    }
  }

  private long createAnnounced(
      Source source, long options, NativeLoad rewritten, NativeCreate original) throws Throwable {
    PreparedModel model = stopped ? null : prepare(source, options);
    if (model == null) {
      return original.create();
    }
    try {
      long session = load(model, rewritten);
      if (session == 0) {
        session = original.create();
      }
      register(session, model);
      return session;
    } finally {
      close(model);
    }
  }

  /** Null if the model is not to be touched. */
  private PreparedModel prepare(Source source, long options) {
    try {
      return source.prepare(reasonToKeep(options));
    } catch (Throwable t) {
      journal.failed("preparing a model", t);
      return null;
    }
  }

  private String reasonToKeep(long options) {
    if (savingOptions.contains(options)) {
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

  private void register(long handle, PreparedModel model) {
    // First of all: from here on our outputs are hidden.
    Session session = new Session(model.taps(), sample);
    sessions.put(handle, session);
    try {
      if (model.refusal() != null) {
        journal.failed("loading the rewritten model " + model.info().name(), model.refusal());
      }
      if (!model.reason().isEmpty()) {
        journal.warn(model.info().name() + " is not instrumented: " + model.reason());
      }
      session.recordTo(profiled.recorder(model));
      if (stopped) {
        sessions.retire(handle, session);
      }
    } catch (Throwable t) {
      journal.failed("registering a session of " + model.info().name(), t);
    }
  }

  private void close(PreparedModel model) {
    try {
      model.close();
    } catch (Throwable t) {
      journal.failed("closing the model " + model.info().name(), t);
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
