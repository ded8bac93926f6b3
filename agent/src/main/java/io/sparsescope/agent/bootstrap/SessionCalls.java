package io.sparsescope.agent.bootstrap;

import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/**
 * Stands between ONNX Runtime's Java classes and its native library: receives every call of the
 * native methods below with the arguments ONNX Runtime passes. Each method must do what the native
 * method does, or call it through {@code original}, whose exceptions pass unchanged.
 *
 * <p>{@code original} takes the arguments in front of it ({@code self} included where there is
 * one).
 */
public interface SessionCalls {

  /**
   * Creates a session from a file; returns its handle.
   *
   * @param fromBuffer the native method of {@link #createSession(long, long, ByteBuffer, int, int,
   *     long, MethodHandle)}, null in versions that have none
   */
  long createSession(
      long api,
      long environment,
      String path,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable;

  /** Creates a session from bytes; the parameters are those of the form for files. */
  long createSession(
      long api,
      long environment,
      byte[] model,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable;

  /** Creates a session from {@code size} bytes of a direct buffer from {@code position} on. */
  long createSession(
      long api,
      long environment,
      ByteBuffer model,
      int position,
      int size,
      long options,
      MethodHandle original)
      throws Throwable;

  long getNumOutputs(Object self, long api, long session, MethodHandle original) throws Throwable;

  String[] getOutputNames(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable;

  /** Returns ONNX Runtime's {@code NodeInfo[]}. */
  Object[] getInputInfo(Object self, long api, long session, long allocator, MethodHandle original)
      throws Throwable;

  /** Returns ONNX Runtime's {@code OnnxModelMetadata}. */
  Object constructMetadata(
      Object self, long api, long session, long allocator, MethodHandle original) throws Throwable;

  long getProfilingStartTimeInNs(Object self, long api, long session, MethodHandle original)
      throws Throwable;

  String endProfiling(Object self, long api, long session, long allocator, MethodHandle original)
      throws Throwable;

  /** Returns ONNX Runtime's {@code NodeInfo[]}. */
  Object[] getOutputInfo(Object self, long api, long session, long allocator, MethodHandle original)
      throws Throwable;

  /**
   * Runs a session.
   *
   * @param inputMap the {@code Map<String, OnnxTensorLike>} that names and handles were taken from
   * @param outputValues an {@code OnnxValue[]}: pinned outputs, and null where ONNX Runtime shall
   *     allocate; filled by the call
   * @return for each output whether it was allocated by the call
   */
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
      throws Throwable;

  /** Runs a session, as versions before 1.17 do it: returns the outputs, an {@code OnnxValue[]}. */
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
      throws Throwable;

  void closeSession(Object self, long api, long session, MethodHandle original) throws Throwable;

  /** Creates session options; returns their handle. */
  long createOptions(Object self, long api, MethodHandle original) throws Throwable;

  /** Session options are told to save the optimized model. */
  void setOptimizationModelFilePath(
      Object self, long api, long options, String path, MethodHandle original) throws Throwable;

  /** Session options are told to have ONNX Runtime write a profile of its own. */
  void enableProfiling(Object self, long api, long options, String prefix, MethodHandle original)
      throws Throwable;

  void disableProfiling(Object self, long api, long options, MethodHandle original)
      throws Throwable;

  void closeOptions(Object self, long api, long options, MethodHandle original) throws Throwable;

  /**
   * Session options are about to be given an execution provider beside the CPU's. Only told: the
   * native method is called by whom it was. Must not throw.
   */
  void addsProvider(long options);

  /** Sessions of these options take weights from the application's memory from now on. */
  void addsInitializer(long options);

  /** Run options are given an adapter, which changes what the model computes. */
  void addActiveLoraAdapter(
      Object self, long api, long runOptions, long adapter, MethodHandle original) throws Throwable;

  void closeRunOptions(long api, long runOptions, MethodHandle original) throws Throwable;

  /** The JVM ends: no session can be used after this. */
  void closeEnvironment(long api, long environment, MethodHandle original) throws Throwable;
}
