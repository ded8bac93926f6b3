package io.sparsescope.agent.session;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Who uses a native session at the moment, so that it is closed only when nobody does. To enter and
 * to leave takes no lock; who waits looks again and again.
 */
final class Usage {
  /** Added to the number of users once nobody may enter any more. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private static final long PAUSE_NANOS = 500_000;

  /**
   * Who has entered decrements it to leave: a call of ours might fail for want of stack, and the
   * session be taken to be in use for ever.
   */
  final AtomicInteger users = new AtomicInteger();

  /** Begins to use the session; false if it is closed or about to be, and must not be used. */
  boolean enter() {
    if (users.incrementAndGet() > 0) {
      return true;
    }
    users.decrementAndGet();
    return false;
  }

  /** Lets nobody enter from now on. */
  void close() {
    users.getAndUpdate(n -> n < 0 ? n : n + CLOSED);
  }

  /** Lets nobody enter from now on, and waits for those who have; a waiter stays interrupted. */
  void awaitUnused() {
    awaitUnused(Duration.ofNanos(Long.MAX_VALUE));
  }

  /**
   * The same, for so long at most.
   *
   * @return whether nobody uses it any more
   */
  boolean awaitUnused(Duration limit) {
    close();
    long begun = System.nanoTime();
    boolean interrupted = false;
    while (users.get() != CLOSED && System.nanoTime() - begun < limit.toNanos()) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return users.get() == CLOSED;
  }
}
