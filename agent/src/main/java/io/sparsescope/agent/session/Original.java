package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativeSession;

/**
 * What a session of a rewritten model would have been created from without us: the application's
 * model, and a copy of its session options. Safe for use by many threads.
 */
final class Original {
  private final long api;
  private final long environment;
  private final long options;
  private final OriginalModel model;
  private boolean creating;
  private boolean closed;

  private Original(long api, long environment, long options, OriginalModel model) {
    this.api = api;
    this.environment = environment;
    this.options = options;
    this.model = model;
  }

  /**
   * Keeps what a session is created from.
   *
   * @param api ONNX Runtime's functions
   * @param environment ONNX Runtime's environment
   * @param settings the application's session options
   * @throws UnkeptException if a session could not be created from it later
   */
  static Original of(long api, long environment, long settings, OriginalModel model)
      throws UnkeptException {
    if (!NativeSession.isPossible()) {
      throw new UnkeptException("there is no native library to create another session with");
    }
    long options = NativeSession.copyOptions(api, settings);
    if (options == 0) {
      throw new UnkeptException("its session options cannot be copied");
    }
    return new Original(api, environment, options, model);
  }

  /**
   * Creates a session of the original.
   *
   * @return its handle, 0 if {@link #close} was called
   * @throws UnkeptException if the model has changed or is gone
   * @throws IllegalStateException with ONNX Runtime's message
   */
  long create() throws UnkeptException {
    synchronized (this) {
      if (closed) {
        return 0;
      }
      creating = true;
    }
    try {
      return model.create(api, environment, options);
    } finally {
      synchronized (this) {
        creating = false;
        if (closed) {
          free();
        }
      }
    }
  }

  /** Frees what is kept, now or when the session is created that is being created. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      if (!creating) {
        free();
      }
    }
  }

  private void free() {
    NativeSession.closeOptions(api, options);
  }

  /** Keeps what a session is created from. */
  interface Keeper {
    /**
     * @param model still open
     * @throws UnkeptException if a session could not be created from it later
     */
    Original keep(PreparedModel model) throws UnkeptException;
  }

  /** No session can be created of the original. The message says why, in a few words. */
  static final class UnkeptException extends Exception {
    private static final long serialVersionUID = 1;

    UnkeptException(String message) {
      super(message);
    }
  }
}
