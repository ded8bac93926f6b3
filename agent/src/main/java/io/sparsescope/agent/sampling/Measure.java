package io.sparsescope.agent.sampling;

/** How it is known what counting a run has cost. */
public enum Measure {
  /**
   * Counted runs are runs of another session that do the same and count: they are compared with
   * runs that are not counted.
   */
  COMPARED,
  /**
   * All runs compute the counts, so none shows what a run without them would take: only the time
   * spent in our own code around the run is known.
   */
  OWN_WORK,
  /** Counting takes place apart from the run that the application asked for, and is timed there. */
  APART
}
