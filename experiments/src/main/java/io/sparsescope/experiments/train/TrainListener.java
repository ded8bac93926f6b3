package io.sparsescope.experiments.train;

import java.util.Optional;

/** Is told how a training goes, by the thread that trains. */
public interface TrainListener {
  /** Is told nothing. */
  TrainListener NONE = new TrainListener() {};

  /** Behind every step; numbers count from 1. */
  default void step(long step, long steps, float loss) {}

  /**
   * Behind every evaluation.
   *
   * @param epochs how often the data was seen
   * @param loss mean over the steps since the last one
   * @param test what the model is worth on the test data; empty where there is none
   */
  default void evaluated(long step, double epochs, double loss, Optional<TestScore> test) {}

  /** What a user should know. */
  default void notice(String text) {}
}
