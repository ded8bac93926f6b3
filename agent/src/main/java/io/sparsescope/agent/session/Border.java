package io.sparsescope.agent.session;

import io.sparsescope.agent.bootstrap.SessionCalls;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The last line of defence between the application and the agent. Where a call that the agent has
 * taken over fails through the agent, be it for want of memory or stack, the native method is
 * called as the application would have had it; what native methods throw is the application's.
 * Methods here call nothing of ours that is not guarded.
 */
public final class Border implements SessionCalls {
  private static final String ONNX_RUNTIME = "ai.onnxruntime.";

  private final InterceptedCalls calls;
  private final OpenSessions sessions;
  private final Journal journal;

  public Border(InterceptedCalls calls, OpenSessions sessions, Journal journal) {
    this.calls = calls;
    this.sessions = sessions;
    this.journal = journal;
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
    try {
      return calls.createSession(api, environment, path, options, original, fromBuffer);
    } catch (Throwable t) {
      rethrowUnlessOurs(t);
      return (long) original.invokeExact(api, environment, path, options);
    }
  }

  @Override
  public long createSession(
      long api,
      long environment,
      byte[] model,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    try {
      return calls.createSession(api, environment, model, options, original, fromBuffer);
    } catch (Throwable t) {
      rethrowUnlessOurs(t);
      return (long) original.invokeExact(api, environment, model, options);
    }
  }

  @Override
  public long createSession(
      long api,
      long environment,
      ByteBuffer model,
      int position,
      int size,
      long options,
      MethodHandle original)
      throws Throwable {
    try {
      return calls.createSession(api, environment, model, position, size, options, original);
    } catch (Throwable t) {
      rethrowUnlessOurs(t);
      return (long) original.invokeExact(api, environment, model, position, size, options);
    }
  }

  @Override
  public long getNumOutputs(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    long all = (long) original.invoke(self, api, session);
    try {
      calls.opened(self, session);
    } catch (Throwable t) {
      tell(t);
    }
    Integer ours = sessions.hidden.get(session);
    return ours == null ? all : all - ours;
  }

  /** Called by the constructor only, as the last thing that is asked of a session to be made. */
  @Override
  public String[] getOutputNames(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    String[] all = (String[]) original.invoke(self, api, session, allocator);
    Integer ours = sessions.hidden.get(session);
    try {
      calls.built(session);
    } catch (Throwable t) {
      tell(t);
    }
    return ours == null ? all : Arrays.copyOf(all, all.length - ours);
  }

  @Override
  public Object[] getOutputInfo(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    Session known = enter(self, session);
    try {
      long handle = handle(known, self, session);
      Object[] all = (Object[]) original.invoke(self, api, handle, allocator);
      Integer ours = sessions.hidden.get(handle);
      return ours == null ? all : Arrays.copyOf(all, all.length - ours);
    } finally {
      leave(known);
    }
  }

  @Override
  public Object[] getInputInfo(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    Session known = enter(self, session);
    try {
      return (Object[]) original.invoke(self, api, handle(known, self, session), allocator);
    } finally {
      leave(known);
    }
  }

  @Override
  public Object constructMetadata(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    Session known = enter(self, session);
    try {
      return original.invoke(self, api, handle(known, self, session), allocator);
    } finally {
      leave(known);
    }
  }

  @Override
  public long getProfilingStartTimeInNs(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    Session known = enter(self, session);
    try {
      return (long) original.invoke(self, api, handle(known, self, session));
    } finally {
      leave(known);
    }
  }

  @Override
  public String endProfiling(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    Session known = enter(self, session);
    try {
      return (String) original.invoke(self, api, handle(known, self, session), allocator);
    } finally {
      leave(known);
    }
  }

  /** See {@link OpenSessions#enter}; null also if that fails. */
  private Session enter(Object self, long session) {
    try {
      return sessions.enter(self, session);
    } catch (Throwable t) {
      tell(t);
      return null;
    }
  }

  private static void leave(Session known) {
    if (known != null && known.ours) {
      known.usage.users.decrementAndGet();
    }
  }

  /** The native session that a call is about. */
  private long handle(Session entered, Object self, long session) {
    try {
      return entered == null ? sessions.current(self, session) : entered.handle();
    } catch (Throwable t) {
      tell(t);
      return session;
    }
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
    Session known = enter(self, session);
    long handle = handle(known, self, session);
    try {
      return calls.run(
          self,
          api,
          handle,
          allocator,
          inputNames,
          inputs,
          inputCount,
          outputNames,
          outputCount,
          outputValues,
          outputs,
          runOptions,
          inputMap,
          original);
    } catch (Throwable t) {
      rethrowUnlessOurs(t);
      return (boolean[])
          original.invoke(
              self,
              api,
              handle,
              allocator,
              inputNames,
              inputs,
              inputCount,
              outputNames,
              outputCount,
              outputValues,
              outputs,
              runOptions);
    } finally {
      leave(known);
    }
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
    Session known = enter(self, session);
    long handle = handle(known, self, session);
    try {
      return calls.run(
          self,
          api,
          handle,
          allocator,
          inputNames,
          inputs,
          inputCount,
          outputNames,
          outputCount,
          runOptions,
          inputMap,
          original);
    } catch (Throwable t) {
      rethrowUnlessOurs(t);
      return (Object[])
          original.invoke(
              self,
              api,
              handle,
              allocator,
              inputNames,
              inputs,
              inputCount,
              outputNames,
              outputCount,
              runOptions);
    } finally {
      leave(known);
    }
  }

  @Override
  public void closeSession(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    // Before the native call, after which another session may get the handle.
    Session known = null;
    try {
      known = calls.closing(self, session);
    } catch (Throwable t) {
      tell(t);
    }
    long handle = handle(known, self, session);
    // Once more, should that have failed.
    sessions.hidden.remove(handle);
    try {
      original.invoke(self, api, handle);
    } finally {
      try {
        calls.closed(known, self, api, original);
      } catch (Throwable t) {
        tell(t);
      }
    }
  }

  @Override
  public long createOptions(Object self, long api, MethodHandle original) throws Throwable {
    long options = (long) original.invoke(self, api);
    try {
      calls.options().created(self, options);
    } catch (Throwable t) {
      // They are taken for older ones then, which are touched least.
      tell(t);
    }
    return options;
  }

  @Override
  public void setOptimizationModelFilePath(
      Object self, long api, long options, String path, MethodHandle original) throws Throwable {
    original.invoke(self, api, options, path);
    try {
      calls.options().saves(options, !path.isEmpty());
    } catch (Throwable t) {
      untouchable(t);
    }
  }

  @Override
  public void enableProfiling(
      Object self, long api, long options, String prefix, MethodHandle original) throws Throwable {
    original.invoke(self, api, options, prefix);
    try {
      calls.options().profiles(options, true);
    } catch (Throwable t) {
      untouchable(t);
    }
  }

  @Override
  public void disableProfiling(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    original.invoke(self, api, options);
    try {
      calls.options().profiles(options, false);
    } catch (Throwable t) {
      tell(t);
    }
  }

  @Override
  public void closeOptions(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    try {
      calls.options().closed(options);
    } catch (Throwable t) {
      tell(t);
    }
    original.invoke(self, api, options);
  }

  @Override
  public void addsProvider(long options) {
    try {
      calls.options().provide(options);
    } catch (Throwable t) {
      untouchable(t);
    }
  }

  @Override
  public void addsInitializer(long options) {
    try {
      calls.options().initialize(options);
    } catch (Throwable t) {
      untouchable(t);
    }
  }

  @Override
  public void addActiveLoraAdapter(
      Object self, long api, long runOptions, long adapter, MethodHandle original)
      throws Throwable {
    try {
      calls.options().adapts(runOptions, true);
    } catch (Throwable t) {
      untouchable(t);
    }
    original.invoke(self, api, runOptions, adapter);
  }

  @Override
  public void closeRunOptions(long api, long runOptions, MethodHandle original) throws Throwable {
    try {
      calls.options().adapts(runOptions, false);
    } catch (Throwable t) {
      tell(t);
    }
    original.invokeExact(api, runOptions);
  }

  @Override
  public void closeEnvironment(long api, long environment, MethodHandle original) throws Throwable {
    boolean idle = true;
    try {
      idle = calls.finish();
    } catch (Throwable t) {
      tell(t);
    }
    if (idle) {
      original.invokeExact(api, environment);
    }
  }

  /** What was not noted of options could make us change a result: better to look at none. */
  private void untouchable(Throwable cause) {
    try {
      calls.keepAll("what session options ask for could not be noted");
    } catch (Throwable t) {
      // Told below.
    }
    tell(cause);
  }

  private void rethrowUnlessOurs(Throwable thrown) throws Throwable {
    if (isNative(thrown)) {
      throw thrown;
    }
    tell(thrown);
  }

  /** Whether ONNX Runtime has thrown it, and not we. */
  static boolean isNative(Throwable thrown) {
    if (thrown.getClass().getName().startsWith(ONNX_RUNTIME)) {
      return true;
    }
    StackTraceElement[] trace = thrown.getStackTrace();
    return trace.length > 0
        && trace[0].isNativeMethod()
        && trace[0].getClassName().startsWith(ONNX_RUNTIME);
  }

  private void tell(Throwable cause) {
    try {
      journal.failed("standing in for a native method", cause);
    } catch (Throwable t) {
      // There is nobody left to tell.
    }
  }
}
