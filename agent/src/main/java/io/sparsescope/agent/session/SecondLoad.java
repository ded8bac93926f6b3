package io.sparsescope.agent.session;

import java.util.concurrent.Callable;

/**
 * The creation of a session of ours beside the application's, on a thread of its own if there can
 * be one. Both are created at the same time, so that the application waits little longer than it
 * would for its own; ONNX Runtime copies what it needs of the options, so that two sessions may be
 * created from the same.
 */
final class SecondLoad {
  private final Callable<SessionLoader.Second> work;
  private SessionLoader.Second second;
  private Thread thread;

  /**
   * @param work never throws
   */
  SecondLoad(Callable<SessionLoader.Second> work) {
    this.work = work;
  }

  /** Begins on a thread of its own; where that fails, {@link #get} does all of it. */
  void start() {
    try {
      Thread started = new Thread(null, this::load, "sparsescope-session", 0, false);
      started.setDaemon(true);
      started.setContextClassLoader(SecondLoad.class.getClassLoader());
      started.start();
      thread = started;
    } catch (Throwable t) {
      // No more threads to be had.
    }
  }

  /** What was created, once it is; the calling thread stays interrupted if it was. */
  SessionLoader.Second get() {
    if (thread == null) {
      load();
      return second;
    }
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return second;
  }

  /** What was created, if it was begun at all. */
  SessionLoader.Second abandon() {
    return thread == null ? SessionLoader.Second.NONE : get();
  }

  private void load() {
    try {
      second = work.call();
    } catch (Throwable t) {
      second = SessionLoader.Second.failed(t);
    }
  }
}
