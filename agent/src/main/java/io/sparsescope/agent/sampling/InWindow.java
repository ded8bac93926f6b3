package io.sparsescope.agent.sampling;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Every run that begins in the first {@code length} of a period; the first period begins now. */
final class InWindow implements Policy {
  private final long length;
  private final long period;
  private final LongSupplier clock;
  private final long start;

  /**
   * @param clock nanoseconds, never going back
   */
  InWindow(Duration length, Duration period, LongSupplier clock) {
    this.length = length.toNanos();
    this.period = period.toNanos();
    this.clock = clock;
    this.start = clock.getAsLong();
  }

  @Override
  public long admit(SessionSampler session, long size) {
    return (clock.getAsLong() - start) % period < length ? 0 : NO;
  }
}
