package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;

/** Class 1 where the output's only value is above a limit, else class 0; NaN is neither. */
record BinaryDecision(double limit) implements Decision {

  @Override
  public int decide(float[] output) {
    if (output.length != 1) {
      throw new ExperimentException(
          "the output has "
              + output.length
              + " values a record, but binary metrics judge one; use --metric top-1 or agreement");
    }
    if (Float.isNaN(output[0])) {
      return NONE;
    }
    return output[0] > limit ? 1 : 0;
  }

  @Override
  public Score judge(float[] output, int right) {
    int decided = decide(output);
    if (right != 0 && right != 1) {
      throw new ExperimentException(
          "label " + right + " is neither 0 nor 1; binary metrics know two classes");
    }
    if (decided == NONE) {
      return new Score(0, Double.NEGATIVE_INFINITY);
    }
    double above = output[0] - limit;
    return new Score(decided == right ? 1 : 0, right == 1 ? above : 0 - above);
  }
}
