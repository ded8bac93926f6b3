package io.sparsescope.experiments.train.sweep;

/** Is told how a sweep goes, by the threads that train; one call at a time. */
public interface SweepListener {
  /** Is told nothing. */
  SweepListener NONE = new SweepListener() {};

  /** Behind a step of any run; steps of all runs together. */
  default void step(long done, long all) {}

  /** Behind an evaluation of a run. */
  default void evaluated(double value, long step, double accuracy) {}

  /** A run that was finished before and is kept. */
  default void kept(double value) {}

  /** What a user should know of a run. */
  default void notice(double value, String text) {}
}
