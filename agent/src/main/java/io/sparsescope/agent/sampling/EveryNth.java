package io.sparsescope.agent.sampling;

import java.util.concurrent.atomic.AtomicLong;

/** Every N-th run, the first one included. Belongs to one session. */
final class EveryNth implements Policy {
  private final int n;
  private final AtomicLong begun = new AtomicLong();

  EveryNth(int n) {
    this.n = n;
  }

  @Override
  public long admit(SessionSampler session, long size) {
    return n == 1 || begun.getAndIncrement() % n == 0 ? 0 : NO;
  }
}
