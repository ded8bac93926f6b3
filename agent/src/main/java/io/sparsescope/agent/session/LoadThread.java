package io.sparsescope.agent.session;

import io.sparsescope.agent.threads.Daemons;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread that creates sessions of ours while the application's own thread creates its. One, and
 * always the same: the C library keeps memory that was freed for the thread that had allocated it,
 * so a new thread for each session would have the process grow by a session's size several times.
 */
final class LoadThread {
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), LoadThread::thread);

  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * Starts it. To be called by a thread of the agent's own: a new thread remembers whose code
   * started it.
   */
  void start() {
    executor.prestartCoreThread();
  }

  /** Begins work if nothing else is being done; else returns null. */
  <T> Future<T> begin(Callable<T> work) {
    if (!busy.compareAndSet(false, true)) {
      return null;
    }
    try {
      return executor.submit(
          () -> {
            try {
              return work.call();
            } finally {
              busy.set(false);
            }
          });
    } catch (RejectedExecutionException e) {
      // Stopped, and so always busy.
      return null;
    }
  }

  /** What is being done at this moment goes on. */
  void stop() {
    executor.shutdown();
  }

  private static Thread thread(Runnable work) {
    return Daemons.of("sparsescope-session", work);
  }
}
