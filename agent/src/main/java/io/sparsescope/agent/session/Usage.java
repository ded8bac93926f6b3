package io.sparsescope.agent.session;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who uses a native session at the moment, so that it is closed only when nobody does. To enter and
 * to leave takes no lock as long as nobody wants to close it.
 */
final class Usage {
  /** Added to the number of users once nobody may enter any more. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private final AtomicInteger users = new AtomicInteger();

  /** Begins to use the session; false if it is closed or about to be, and must not be used. */
  boolean enter() {
    if (users.incrementAndGet() > 0) {
      return true;
    }
    leave();
    return false;
  }

  /** Uses it no more. */
  void leave() {
    if (users.decrementAndGet() == CLOSED) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** Lets nobody enter from now on. */
  void close() {
    users.getAndUpdate(n -> n < 0 ? n : n + CLOSED);
  }

  /** Lets nobody enter from now on, and waits for those who have; a waiter stays interrupted. */
  void awaitUnused() {
    await(Long.MAX_VALUE);
  }

  /**
   * The same, for so long at most.
   *
   * @return whether nobody uses it any more
   */
  boolean awaitUnused(Duration limit) {
    return await(limit.toMillis());
  }

  private boolean await(long millis) {
    close();
    long begun = System.nanoTime();
    boolean interrupted = false;
    synchronized (this) {
      while (users.get() != CLOSED) {
        long left = millis - (System.nanoTime() - begun) / 1_000_000;
        if (left <= 0) {
          break;
        }
        try {
          wait(millis == Long.MAX_VALUE ? 0 : left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return users.get() == CLOSED;
  }
}
