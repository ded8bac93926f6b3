package io.sparsescope.agent.session;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * The creation of a session of ours beside the application's, at the same time where {@link
 * LoadThread} can take it, else afterwards. ONNX Runtime copies what it needs of the options, so
 * that two sessions may be created from the same at once.
 */
final class SecondLoad {
  private final Callable<SessionLoader.Second> work;

  /** Null as long as it was not begun. */
  private Future<SessionLoader.Second> begun;

  SecondLoad(Callable<SessionLoader.Second> work) {
    this.work = work;
  }

  /** Begins on the thread, if that is free; else {@link #get} does all of it. */
  void start(LoadThread thread) {
    begun = thread.begin(work);
  }

  /** What was created, once it is; the calling thread stays interrupted if it was. */
  SessionLoader.Second get() {
    if (begun == null) {
      try {
        return work.call();
      } catch (Throwable t) {
        return SessionLoader.Second.failed(t);
      }
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return begun.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return SessionLoader.Second.failed(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What was created, if it was begun at all. */
  SessionLoader.Second abandon() {
    return begun == null ? SessionLoader.Second.NONE : get();
  }
}
