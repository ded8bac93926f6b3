package io.sparsescope.agent.sampling;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps what is spent below a share of the time that passes in runs. Every run earns its share of
 * its own time; what is to be spent is reserved before it is known, so that many threads cannot
 * spend the same time, and corrected afterwards. Savings are capped, so that a quiet stretch does
 * not pay for a costly burst; debt is not, and is earned back before anything else is spent. So
 * over any stretch of runs at most the share, the cap and one run more than was reserved are spent.
 * Safe for use by many threads.
 */
final class Account {
  private final double share;
  private final long cap;

  /** Nanoseconds to be spent; negative for debt. */
  private final AtomicLong balance = new AtomicLong();

  /**
   * @param share of the time of runs, above 0
   * @param cap most savings, nanoseconds
   */
  Account(double share, long cap) {
    this.share = share;
    this.cap = cap;
  }

  /** A run has taken this long. */
  void earn(long nanos) {
    add((long) (share * Math.max(0, nanos)));
  }

  /**
   * Reserves time if it is there. What is more than savings can ever be is granted when they are
   * full, and becomes debt.
   */
  boolean reserve(long nanos) {
    long needed = Math.min(nanos, cap);
    long before = balance.get();
    while (before >= needed) {
      if (balance.compareAndSet(before, before - nanos)) {
        return true;
      }
      before = balance.get();
    }
    return false;
  }

  /** What was reserved has cost {@code spent} in the end; negative if it saved time. */
  void settle(long reserved, long spent) {
    add(reserved - spent);
  }

  long balance() {
    return balance.get();
  }

  private void add(long nanos) {
    long before = balance.get();
    long after = Math.min(cap, before + nanos);
    // In a quiet stretch savings are full, and runs only look at them.
    while (after != before && !balance.compareAndSet(before, after)) {
      before = balance.get();
      after = Math.min(cap, before + nanos);
    }
  }
}
