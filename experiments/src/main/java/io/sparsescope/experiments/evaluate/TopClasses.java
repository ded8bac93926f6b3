package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import java.util.Arrays;

/**
 * Right if the class is among the {@code count} highest of an output with a value a class. Of equal
 * values the one with the lower index is the higher, as numpy.argmax has it; NaN, unlike there, is
 * lower than anything and never a class.
 */
record TopClasses(int count) implements Decision {

  @Override
  public int decide(float[] output) {
    requireClasses(output);
    int highest = NONE;
    for (int i = 0; i < output.length; i++) {
      if (!Float.isNaN(output[i]) && (highest == NONE || output[i] > output[highest])) {
        highest = i;
      }
    }
    return highest;
  }

  @Override
  public Score judge(float[] output, int right) {
    requireClasses(output);
    if (right < 0 || right >= output.length) {
      throw new ExperimentException(
          "label "
              + right
              + " is none of the model's "
              + output.length
              + " classes; use labels from 0 to "
              + (output.length - 1));
    }
    float value = output[right];
    if (Float.isNaN(value)) {
      return new Score(0, Double.NEGATIVE_INFINITY);
    }
    // The highest values of the other classes, the lowest of them first.
    double[] rivals = new double[Math.min(count, output.length)];
    Arrays.fill(rivals, Double.NaN);
    int before = 0;
    for (int i = 0; i < output.length; i++) {
      float other = output[i];
      if (i == right || Float.isNaN(other)) {
        continue;
      }
      if (other > value || (other == value && i < right)) {
        before++;
      }
      insert(rivals, other);
    }
    return new Score(before < count ? 1 : 0, margin(value, rivals[0]));
  }

  /** Keeps the highest; NaN stands for a place that is free. */
  private static void insert(double[] highest, double value) {
    if (value <= highest[0]) {
      return;
    }
    int at = 0;
    while (at + 1 < highest.length && !(value <= highest[at + 1])) {
      highest[at] = highest[at + 1];
      at++;
    }
    highest[at] = value;
  }

  private static double margin(double value, double rival) {
    if (Double.isNaN(rival)) {
      return Double.POSITIVE_INFINITY;
    }
    // Equal infinities are a tie, though their difference is NaN.
    return value == rival ? 0 : value - rival;
  }

  private static void requireClasses(float[] output) {
    if (output.length < 2) {
      throw new ExperimentException(
          "the output has "
              + output.length
              + " value a record, not one a class; use --metric binary for a probability,"
              + " binary:0 for a logit");
    }
  }
}
