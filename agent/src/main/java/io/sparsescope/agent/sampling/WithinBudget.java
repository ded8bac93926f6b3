package io.sparsescope.agent.sampling;

/**
 * As many runs as the account pays for; one for all sessions. A run is counted only once it is
 * known what runs like it take, so that what it will cost can be reserved.
 */
final class WithinBudget implements Policy {
  /** Savings last as long as the earnings of this much run time. */
  private static final long SAVED_NANOS = 2_000_000_000L;

  private final Account account;

  WithinBudget(double share) {
    account = new Account(share, (long) Math.max(1, share * SAVED_NANOS));
  }

  @Override
  public long admit(SessionSampler session, long size) {
    long expected = session.expected(size);
    return expected >= 0 && account.reserve(expected) ? expected : NO;
  }

  @Override
  public void ran(long nanos) {
    account.earn(nanos);
  }

  @Override
  public void settle(long reserved, long spent) {
    account.settle(reserved, spent);
  }
}
