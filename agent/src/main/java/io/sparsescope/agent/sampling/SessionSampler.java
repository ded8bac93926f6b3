package io.sparsescope.agent.sampling;

/**
 * Decides for each run of a session whether it is counted, and says what counting has cost. A run
 * that is not counted takes no lock and allocates nothing. Sizes are the number of elements of all
 * inputs of a run, times are nanoseconds. Safe for use by many threads.
 *
 * <p>What a counted run has cost is, where it can be compared ({@link Measure#COMPARED}), how much
 * longer it took than runs of like size that were not counted typically take: negative if it was
 * faster, so that chance evens out in the sum; and, beside our own code, no more than a few times
 * that time, so that a pause of the whole process is not taken for our doing. As long as too few
 * such runs are known, a fifth of the run is assumed, which is more than counting usually takes.
 */
public final class SessionSampler {
  /** {@link #admit}'s answer for a run that is not to be counted. */
  public static final long NO = Policy.NO;

  /** From so many runs of like size on it is known what they take. */
  private static final int ENOUGH = 3;

  /** Assumed cost of counting within a run, as a share of the run. */
  private static final double ASSUMED = 0.2;

  /** Assumed cost of a run apart from the application's. */
  private static final double ASSUMED_APART = 1.5;

  /** What a run may have cost at most, beside our own code, as a multiple of the run. */
  private static final long MOST = 4;

  /** No run is expected to cost less than this share of it. */
  private static final double LEAST = 0.01;

  private final Policy policy;
  private final Measure measure;

  /** Runs that were not counted. */
  private final Typical plain = new Typical();

  /** What counted runs have cost. */
  private final Typical costs = new Typical();

  /** Whether a run was not counted since the last that was. */
  private volatile boolean compared;

  SessionSampler(Policy policy, Measure measure) {
    this.policy = policy;
    this.measure = measure;
  }

  /**
   * A run begins.
   *
   * @return what is reserved for counting it, to be handed to exactly one of {@link #counted},
   *     {@link #countedApart} and {@link #cancelled}; {@link #NO} if it is not to be counted
   */
  public long admit(long size) {
    return policy.admit(this, size);
  }

  /** A run that was not counted, or whose counting takes place apart from it, took this long. */
  public void ran(long size, long nanos) {
    if (measure != Measure.OWN_WORK) {
      plain.add(size, nanos);
      compared = true;
    }
    policy.ran(nanos);
  }

  /**
   * A run was counted.
   *
   * @param nanos from its beginning to its end, our own work included
   * @param own how much of it was our own code around the run
   * @return what counting has cost; negative if the run was faster than others
   */
  public long counted(long size, long nanos, long own, long reserved) {
    long cost = cost(size, nanos, own);
    costs.add(size, cost);
    compared = false;
    policy.ran(nanos - Math.max(0, cost));
    // Lucky runs earn nothing: nobody knows whether they would not have been as fast uncounted.
    policy.settle(reserved, Math.max(cost, Math.max(0, costs.of(size))));
    return cost;
  }

  /** A run was counted apart from the application's; together that has cost {@code cost}. */
  public void countedApart(long size, long cost, long reserved) {
    costs.add(size, cost);
    policy.settle(reserved, cost);
  }

  /** A run was not counted after all, and in vain we spent so much on it. */
  public void cancelled(long spent, long reserved) {
    policy.settle(reserved, spent);
  }

  private long cost(long size, long nanos, long own) {
    if (measure == Measure.OWN_WORK) {
      return own;
    }
    if (plain.known(size) < ENOUGH) {
      return Math.max(own, (long) (nanos * (ASSUMED / (1 + ASSUMED))));
    }
    long typical = plain.of(size);
    return Math.max(-typical, Math.min(MOST * typical + own, nanos - typical));
  }

  /** What counting a run will probably cost; negative if that cannot be told yet. */
  long expected(long size) {
    if (measure == Measure.OWN_WORK) {
      return costs.of(size);
    }
    // At least every second run shows what runs take without counting: were what is known of that
    // too high by chance and nothing new came to be known, all runs would seem cheap for ever.
    if (plain.known(size) < ENOUGH || !compared) {
      return -1;
    }
    long typical = plain.of(size);
    if (costs.known(size) == 0) {
      return (long) (typical * (measure == Measure.APART ? ASSUMED_APART : ASSUMED));
    }
    return Math.max(costs.of(size), (long) (typical * LEAST));
  }
}
