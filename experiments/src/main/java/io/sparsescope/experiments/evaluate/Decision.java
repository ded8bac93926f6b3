package io.sparsescope.experiments.evaluate;

/** How a classifier's output values become a class. */
interface Decision {
  /** No class: all values are NaN. */
  int NONE = -1;

  /**
   * The class that the values stand for, or {@link #NONE}.
   *
   * @throws io.sparsescope.experiments.ExperimentException if there are too few or too many values
   */
  int decide(float[] output);

  /**
   * Scores values against the right class: 1 or 0, and how far the decision is from going the other
   * way.
   *
   * @throws io.sparsescope.experiments.ExperimentException if the class is none of the output's
   */
  Score judge(float[] output, int right);
}
