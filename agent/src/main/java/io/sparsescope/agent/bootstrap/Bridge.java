package io.sparsescope.agent.bootstrap;

import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/**
 * What ONNX Runtime's transformed classes call instead of their native methods, method by method
 * under the same name. Passes each call on to the installed {@link SessionCalls}; as long as there
 * is none, to the native method.
 */
public final class Bridge {
  private static volatile SessionCalls calls;

  private Bridge() {}

  /** Lets {@code target} answer from now on; null lets the native methods answer. */
  public static void install(SessionCalls target) {
    calls = target;
  }

  /** See {@link SessionCalls}. */
  public static long createSession(
      long api,
      long environment,
      String path,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invokeExact(api, environment, path, options)
        : target.createSession(api, environment, path, options, original, fromBuffer);
  }

  /** See {@link SessionCalls}. */
  public static long createSession(
      long api,
      long environment,
      byte[] model,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invokeExact(api, environment, model, options)
        : target.createSession(api, environment, model, options, original, fromBuffer);
  }

  /** See {@link SessionCalls}. */
  public static long createSession(
      long api,
      long environment,
      ByteBuffer model,
      int position,
      int size,
      long options,
      MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invokeExact(api, environment, model, position, size, options)
        : target.createSession(api, environment, model, position, size, options, original);
  }

  /** See {@link SessionCalls}. */
  public static long getNumOutputs(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invoke(self, api, session)
        : target.getNumOutputs(self, api, session, original);
  }

  /** See {@link SessionCalls}. */
  public static String[] getOutputNames(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (String[]) original.invoke(self, api, session, allocator)
        : target.getOutputNames(self, api, session, allocator, original);
  }

  /** See {@link SessionCalls}. */
  public static Object[] getInputInfo(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (Object[]) original.invoke(self, api, session, allocator)
        : target.getInputInfo(self, api, session, allocator, original);
  }

  /** See {@link SessionCalls}. */
  public static Object constructMetadata(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? original.invoke(self, api, session, allocator)
        : target.constructMetadata(self, api, session, allocator, original);
  }

  /** See {@link SessionCalls}. */
  public static long getProfilingStartTimeInNs(
      Object self, long api, long session, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invoke(self, api, session)
        : target.getProfilingStartTimeInNs(self, api, session, original);
  }

  /** See {@link SessionCalls}. */
  public static String endProfiling(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (String) original.invoke(self, api, session, allocator)
        : target.endProfiling(self, api, session, allocator, original);
  }

  /** See {@link SessionCalls}. */
  public static Object[] getOutputInfo(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (Object[]) original.invoke(self, api, session, allocator)
        : target.getOutputInfo(self, api, session, allocator, original);
  }

  /** See {@link SessionCalls}. */
  public static boolean[] run(
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
    SessionCalls target = calls;
    if (target == null) {
      return (boolean[])
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
    }
    return target.run(
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
        runOptions,
        inputMap,
        original);
  }

  /** See {@link SessionCalls}. */
  public static Object[] run(
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
    SessionCalls target = calls;
    if (target == null) {
      return (Object[])
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
    }
    return target.run(
        self,
        api,
        session,
        allocator,
        inputNames,
        inputs,
        inputCount,
        outputNames,
        outputCount,
        runOptions,
        inputMap,
        original);
  }

  /** See {@link SessionCalls}. */
  public static void closeSession(Object self, long api, long session, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, session);
    } else {
      target.closeSession(self, api, session, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static long createOptions(Object self, long api, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    return target == null
        ? (long) original.invoke(self, api)
        : target.createOptions(self, api, original);
  }

  /** See {@link SessionCalls}. */
  public static void setOptimizationModelFilePath(
      Object self, long api, long options, String path, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, options, path);
    } else {
      target.setOptimizationModelFilePath(self, api, options, path, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void enableProfiling(
      Object self, long api, long options, String prefix, MethodHandle original) throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, options, prefix);
    } else {
      target.enableProfiling(self, api, options, prefix, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void disableProfiling(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, options);
    } else {
      target.disableProfiling(self, api, options, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void closeOptions(Object self, long api, long options, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, options);
    } else {
      target.closeOptions(self, api, options, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void addsProvider(long options) {
    SessionCalls target = calls;
    if (target != null) {
      target.addsProvider(options);
    }
  }

  /** See {@link SessionCalls}. */
  public static void addsInitializer(long options) {
    SessionCalls target = calls;
    if (target != null) {
      target.addsInitializer(options);
    }
  }

  /** See {@link SessionCalls}. */
  public static void addActiveLoraAdapter(
      Object self, long api, long runOptions, long adapter, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invoke(self, api, runOptions, adapter);
    } else {
      target.addActiveLoraAdapter(self, api, runOptions, adapter, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void closeRunOptions(long api, long runOptions, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invokeExact(api, runOptions);
    } else {
      target.closeRunOptions(api, runOptions, original);
    }
  }

  /** See {@link SessionCalls}. */
  public static void closeEnvironment(long api, long environment, MethodHandle original)
      throws Throwable {
    SessionCalls target = calls;
    if (target == null) {
      original.invokeExact(api, environment);
    } else {
      target.closeEnvironment(api, environment, original);
    }
  }
}
