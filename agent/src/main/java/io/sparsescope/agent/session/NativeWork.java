package io.sparsescope.agent.session;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets native sessions be created and closed apart from the application's calls, one at a time, and
 * not any more once ONNX Runtime's environment is closed.
 */
final class NativeWork {
  private final ReentrantLock atWork = new ReentrantLock();
  private volatile boolean ended;

  /** Begins; false if nothing may be begun any more, else {@link #done} must follow. */
  boolean begin() {
    atWork.lock();
    if (ended) {
      atWork.unlock();
      return false;
    }
    return true;
  }

  void done() {
    atWork.unlock();
  }

  boolean isEnded() {
    return ended;
  }

  /**
   * Nothing is begun any more.
   *
   * @return whether nothing is being done at this moment, or at the latest after {@code limit}
   */
  boolean end(Duration limit) {
    ended = true;
    boolean interrupted = false;
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        try {
          boolean idle = atWork.tryLock(deadline - System.nanoTime(), NANOSECONDS);
          if (idle) {
            atWork.unlock();
          }
          return idle;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
