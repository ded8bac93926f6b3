package io.sparsescope.agent.nativecount;

/** Gives sessions the native counting operators. Safe for use by several threads. */
public final class NativeCounting {
  private final String reason;

  private NativeCounting(String reason) {
    this.reason = reason;
  }

  /** Whether this system is one for which there is a native library; nothing is loaded. */
  public static boolean mayLoad() {
    return NativeLibrary.isPlatform(
        System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /** Loads the native library into this JVM. */
  public static NativeCounting load() {
    return new NativeCounting(NativeLibrary.load());
  }

  /** Without the native library, for a reason given in a few words. */
  public static NativeCounting none(String reason) {
    return new NativeCounting(reason);
  }

  /** Why there is no native library, "" if there is. */
  public String reason() {
    return reason;
  }

  /** Whether the library is loaded. */
  public boolean isLoaded() {
    return reason.isEmpty();
  }

  /**
   * Creates a session of a model that was rewritten in {@link
   * io.sparsescope.rewriter.transform.CountMode#NATIVE}. The application's options are not touched.
   *
   * @param api ONNX Runtime's table of functions
   * @param options the application's session options
   * @param blockedLayout how many counters of the blocked layout ONNX Runtime must make
   * @param creation creates a session with the options it is given
   * @return the session's handle
   * @throws NotCountingException if this ONNX Runtime, or a session with these options, does not
   *     count so; there is no session then
   * @throws Throwable what {@code creation} throws
   */
  public long create(long api, long options, int blockedLayout, Creation creation)
      throws Throwable {
    if (!NativeLibrary.works(api)) {
      throw new NotCountingException("this ONNX Runtime takes no operators of ours");
    }
    long ours = NativeLibrary.options(api, options, blockedLayout > 0);
    if (ours == 0) {
      throw new NotCountingException("ONNX Runtime refuses our operators");
    }
    long session;
    try {
      session = creation.create(ours);
    } finally {
      NativeLibrary.closeOptions(api, ours);
    }
    int counters = NativeLibrary.counters();
    if (counters != blockedLayout) {
      NativeLibrary.closeSession(api, session);
      throw new NotCountingException(
          "ONNX Runtime made "
              + counters
              + " counters of its blocked layout instead of "
              + blockedLayout);
    }
    return session;
  }

  /**
   * Creates a session that neither saves the optimized model nor writes ONNX Runtime's profile,
   * even if the application's options ask for it. They are not touched.
   *
   * @param api ONNX Runtime's table of functions
   * @param options the application's session options
   * @param creation creates a session with the options it is given
   * @return the session's handle
   * @throws NotCountingException if the options cannot be copied; there is no session then
   * @throws Throwable what {@code creation} throws
   */
  public long createApart(long api, long options, Creation creation) throws Throwable {
    long copy = NativeLibrary.quietOptions(api, options);
    if (copy == 0) {
      throw new NotCountingException("ONNX Runtime does not copy its session options");
    }
    try {
      return creation.create(copy);
    } finally {
      NativeLibrary.closeOptions(api, copy);
    }
  }

  /** Closes a session that nobody knows of yet. */
  public static void closeSession(long api, long session) {
    NativeLibrary.closeSession(api, session);
  }

  /** Creates a session. */
  public interface Creation {
    /**
     * @param options session options
     * @return the session's handle
     */
    long create(long options) throws Throwable;
  }

  /** A session cannot count by the native operators. */
  public static final class NotCountingException extends Exception {
    private static final long serialVersionUID = 1;

    NotCountingException(String message) {
      super(message);
    }
  }
}
