package io.sparsescope.agent.session;

import io.sparsescope.agent.bootstrap.SessionCalls;
import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.Sampling;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Answers ONNX Runtime's native calls. Whatever of ours fails, the native method is called as the
 * application would have had it; the failure goes to the journal.
 */
public final class InterceptedCalls implements SessionCalls {
  private final SessionModels models;
  private final SessionLoader loader;
  private final OrtTensors tensors;
  private final OrtVersion version;
  private final Journal journal;

  private final OpenSessions sessions;

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
    return new InterceptedCalls(
        new SessionModels(options.models(), SessionModels.rules(options)),
        profiled,
        sessions,
        new OrtTensors(instrumentation),
        version,
        journal,
        options.sample() instanceof Sampling.Every every ? every.n() : 1);
  }

  InterceptedCalls(
      SessionModels models,
      ProfiledModels profiled,
      OpenSessions sessions,
      OrtTensors tensors,
      OrtVersion version,
      Journal journal,
      int sample) {
    this.models = models;
    this.sessions = sessions;
    this.loader = new SessionLoader(profiled, sessions, journal, sample);
    this.tensors = tensors;
    this.version = version;
    this.journal = journal;
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
    sessions.retire();
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
    return loader.create(
        keep -> models.file(path, keep),
        options,
        model -> RewrittenLoad.fromFile(model, api, environment, options, original, fromBuffer),
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
    return loader.create(
        keep -> models.bytes(bytes, keep),
        options,
        model -> RewrittenLoad.fromBytes(model, api, environment, options, original, fromBuffer),
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
    return loader.create(
        keep -> models.buffer(buffer.duplicate().limit(position + size).position(position), keep),
        options,
        model -> RewrittenLoad.fromBuffer(model, api, environment, options, original),
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
      Object inputMap,
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
      Object inputMap,
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
    loader.saves(options, !path.isEmpty());
  }

  @Override
  public void closeOptions(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    loader.saves(options, false);
    original.invoke(self, api, options);
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
}
