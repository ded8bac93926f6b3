package io.sparsescope.agent.sampling;

/** Decides which runs of a session are counted. Safe for use by many threads. */
interface Policy {
  /** Answer of {@link #admit} for a run that is not counted. */
  long NO = -1;

  /**
   * Whether the run that begins now is counted.
   *
   * @param session the run's
   * @param size elements of its inputs
   * @return what is reserved for it, nanoseconds from 0; {@link #NO} for a run that is not counted
   */
  long admit(SessionSampler session, long size);

  /** A run has taken this long, without what was ours. */
  default void ran(long nanos) {}

  /** A run for which something was reserved has cost so much. */
  default void settle(long reserved, long spent) {}
}
