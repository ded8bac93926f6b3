package io.sparsescope.agent.nativecount;

import java.nio.ByteBuffer;

/**
 * Native sessions and the {@code OrtSession} objects of the application's that stand for them,
 * apart from what Java code of ONNX Runtime's does. {@code api} is ONNX Runtime's table of
 * functions.
 */
public final class NativeSession {
  private NativeSession() {}

  /** Whether there is a native library to do it; loads nothing. */
  public static boolean isPossible() {
    return NativeLibrary.isLoaded();
  }

  /**
   * A copy of the application's session options, which sessions can be created with when it has
   * closed its own. Has no optimized model saved, and no profile written.
   *
   * @return 0 if there can be none: without the native library, and where an ONNX Runtime can run
   *     sessions elsewhere than on the CPU, which may want more than the options to be kept
   */
  public static long copyOptions(long api, long options) {
    return NativeLibrary.isLoaded() && NativeLibrary.works(api)
        ? NativeLibrary.quietOptions(api, options)
        : 0;
  }

  /** Frees options of {@link #copyOptions}. */
  public static void closeOptions(long api, long options) {
    NativeLibrary.closeOptions(api, options);
  }

  /**
   * Creates a session of a model in a file.
   *
   * @throws IllegalStateException with ONNX Runtime's message
   */
  public static long create(long api, long environment, String path, long options) {
    return NativeLibrary.sessionOfFile(api, environment, path, options);
  }

  /**
   * Creates a session of a model in memory.
   *
   * @param model a direct buffer, all of which is the model
   * @throws IllegalStateException with ONNX Runtime's message
   */
  public static long create(long api, long environment, ByteBuffer model, long options) {
    return NativeLibrary.sessionOfBuffer(api, environment, model, options);
  }

  /** Closes a session. */
  public static void close(long api, long session) {
    NativeLibrary.closeSession(api, session);
  }

  /** The native session that an {@code OrtSession} stands for. */
  public static long handle(Object session) {
    return NativeLibrary.handle(session);
  }

  /**
   * Lets an {@code OrtSession} stand for another native session. A call that is being made may
   * still be about the one before.
   */
  public static void exchange(Object session, long handle) {
    NativeLibrary.exchange(session, handle);
  }
}
