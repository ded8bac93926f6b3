package io.sparsescope.agent.session;

import io.sparsescope.agent.bootstrap.SessionCalls;
import io.sparsescope.agent.config.AgentOptions;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers ONNX Runtime's native calls. Whatever of ours fails, the native method is called as the
 * application would have had it; the failure goes to the journal.
 */
public final class InterceptedCalls implements SessionCalls {
  private static final String SAVES =
      "the application has ONNX Runtime save the optimized model, which must be its own";

  private static final String FULL =
      "the agent has seen " + ProfiledModels.MAX_MODELS + " other models already";

  private final SessionModels models;
  private final ProfiledModels profiled;
  private final OrtTensors tensors;
  private final OrtVersion version;
  private final Journal journal;
  private final int sample;

  /** Why every model is run as it is, "" if nothing forbids to rewrite. */
  private volatile String keepAll = "";

  /** By native handle. */
  private final Map<Long, Session> sessions = new ConcurrentHashMap<>();

  /** Native handles of session options that save the optimized model. */
  private final Set<Long> savingOptions = ConcurrentHashMap.newKeySet();

  /**
   * @param instrumentation opens ONNX Runtime's module where it is one
   * @throws io.sparsescope.rewriter.RewriteException if the rule file cannot be read
   */
  public static InterceptedCalls of(
      AgentOptions options,
      Instrumentation instrumentation,
      ProfiledModels profiled,
      OrtVersion version,
      Journal journal) {
    return new InterceptedCalls(
        new SessionModels(options.models(), SessionModels.rules(options)),
        profiled,
        new OrtTensors(instrumentation),
        version,
        journal,
        options.sample());
  }

  InterceptedCalls(
      SessionModels models,
      ProfiledModels profiled,
      OrtTensors tensors,
      OrtVersion version,
      Journal journal,
      int sample) {
    this.models = models;
    this.profiled = profiled;
    this.tensors = tensors;
    this.version = version;
    this.journal = journal;
    this.sample = sample;
  }

  /** From now on every model is run as it is. */
  public void keepAll(String reason) {
    keepAll = reason;
  }

  @Override
  public long createSession(
      long api,
      long environment,
      String path,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    return create(
        keep -> models.file(path, keep),
        options,
        model -> createFromFile(model, api, environment, options, original, fromBuffer),
        () -> (long) original.invokeExact(api, environment, path, options));
  }

  @Override
  public long createSession(
      long api,
      long environment,
      byte[] bytes,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    return create(
        keep -> models.bytes(bytes, keep),
        options,
        model -> createFromBytes(model, api, environment, options, original, fromBuffer),
        () -> (long) original.invokeExact(api, environment, bytes, options));
  }

  @Override
  public long createSession(
      long api,
      long environment,
      ByteBuffer buffer,
      int position,
      int size,
      long options,
      MethodHandle original)
      throws Throwable {
    return create(
        keep -> models.buffer(buffer.duplicate().limit(position + size).position(position), keep),
        options,
        model -> createFromBuffer(model, api, environment, options, original),
        () -> (long) original.invokeExact(api, environment, buffer, position, size, options));
  }

  @Override
  public long getNumOutputs(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    long all = (long) original.invoke(self, api, session);
    learnVersion(self);
    Session known = sessions.get(session);
    return known == null ? all : all - known.hidden();
  }

  @Override
  public String[] getOutputNames(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    String[] all = (String[]) original.invoke(self, api, session, allocator);
    Session known = sessions.get(session);
    return known == null ? all : known.withoutOurs(all);
  }

  @Override
  public Object[] getOutputInfo(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    Object[] all = (Object[]) original.invoke(self, api, session, allocator);
    Session known = sessions.get(session);
    return known == null ? all : known.withoutOurs(all);
  }

  @Override
  public boolean[] run(
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
      MethodHandle original)
      throws Throwable {
    Session known = sessions.get(session);
    TapRequest request = request(known, outputNames, outputValues, outputs);
    if (request != null) {
      try {
        boolean[] owned =
            (boolean[])
                original.invoke(
                    self,
                    api,
                    session,
                    allocator,
                    inputNames,
                    inputs,
                    inputCount,
                    request.names(),
                    (long) request.names().length,
                    request.values(),
                    request.handles(),
                    runOptions);
        request.giveBack(outputValues);
        count(known, request);
        return Arrays.copyOf(owned, outputNames.length);
      } catch (Throwable t) {
        rethrowUnlessOurs(known, t);
      }
    }
    boolean[] owned =
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
    ran(known);
    return owned;
  }

  @Override
  public Object[] run(
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
      MethodHandle original)
      throws Throwable {
    Session known = sessions.get(session);
    TapRequest request = request(known, outputNames, null, null);
    if (request != null) {
      try {
        request.returned(
            (Object[])
                original.invoke(
                    self,
                    api,
                    session,
                    allocator,
                    inputNames,
                    inputs,
                    inputCount,
                    request.names(),
                    (long) request.names().length,
                    runOptions));
        Object[] given = request.given();
        count(known, request);
        return given;
      } catch (Throwable t) {
        rethrowUnlessOurs(known, t);
      }
    }
    Object[] values =
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
    ran(known);
    return values;
  }

  @Override
  public void closeSession(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    // Before the native call, after which another session may get the handle.
    sessions.remove(session);
    original.invoke(self, api, session);
  }

  @Override
  public void setOptimizationModelFilePath(
      Object self, long api, long options, String path, MethodHandle original) throws Throwable {
    original.invoke(self, api, options, path);
    if (path.isEmpty()) {
      savingOptions.remove(options);
    } else {
      savingOptions.add(options);
    }
  }

  @Override
  public void closeOptions(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    savingOptions.remove(options);
    original.invoke(self, api, options);
  }

  private long create(Source source, long options, NativeLoad rewritten, NativeCreate original)
      throws Throwable {
    PreparedModel model = prepare(source, options);
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

  private static long createFromFile(
      PreparedModel model,
      long api,
      long environment,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    ModelCopy copy;
    try {
      copy = model.copy();
    } catch (Exception e) {
      // No room, or a read-only file system.
      if (fromBuffer == null || model.hasExternalData()) {
        throw e;
      }
      return createFromBuffer(model, api, environment, options, fromBuffer);
    }
    try (copy) {
      return (long) original.invokeExact(api, environment, copy.file().toString(), options);
    }
  }

  private static long createFromBytes(
      PreparedModel model,
      long api,
      long environment,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    // Off the heap if there is a way: the application has sized its heap without us.
    return fromBuffer == null
        ? (long) original.invokeExact(api, environment, model.edit().toBytes(), options)
        : createFromBuffer(model, api, environment, options, fromBuffer);
  }

  private static long createFromBuffer(
      PreparedModel model, long api, long environment, long options, MethodHandle original)
      throws Throwable {
    ByteBuffer buffer = model.edit().toDirectBuffer();
    return (long)
        original.invokeExact(
            api, environment, buffer, buffer.position(), buffer.remaining(), options);
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

  private void learnVersion(Object session) {
    try {
      version.learnFrom(session);
    } catch (Throwable t) {
      journal.failed("asking for ONNX Runtime's version", t);
    }
  }

  private TapRequest request(Session session, String[] names, Object[] values, long[] handles) {
    try {
      return session == null ? null : session.request(names, values, handles);
    } catch (Throwable t) {
      journal.failed("asking for the taps", t);
      return null;
    }
  }

  /** A run that failed through our doing is repeated without our outputs. */
  private void rethrowUnlessOurs(Session session, Throwable cause) throws Throwable {
    if (!session.mayHaveCaused(cause)) {
      throw cause;
    }
    journal.failed("running with the taps", cause);
  }

  private void ran(Session session) {
    try {
      if (session != null) {
        session.ran();
      }
    } catch (Throwable t) {
      journal.failed("counting a run", t);
    }
  }

  private void count(Session session, TapRequest request) {
    ran(session);
    try {
      session.counted(request.read(tensors));
    } catch (Throwable t) {
      journal.failed("reading the taps", t);
    }
    try {
      request.close(tensors);
    } catch (Throwable t) {
      journal.failed("closing the taps", t);
    }
  }

  /** Where a model comes from; {@code keep} says why it must not be rewritten, "" if it may. */
  private interface Source {
    PreparedModel prepare(String keep) throws Throwable;
  }

  /** Creates a session of a rewritten model. */
  private interface NativeLoad {
    long load(PreparedModel model) throws Throwable;
  }

  /** Creates a session as the application asked for. */
  private interface NativeCreate {
    long create() throws Throwable;
  }
}
