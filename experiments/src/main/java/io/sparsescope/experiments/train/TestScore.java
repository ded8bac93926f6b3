package io.sparsescope.experiments.train;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a model is worth on the test data.
 *
 * @param accuracy share of the records whose class was found; empty where records have targets
 * @param squaredError mean over all values of (output - target)^2; empty where they have classes
 */
public record TestScore(OptionalDouble accuracy, OptionalDouble squaredError) {

  static TestScore ofAccuracy(double share) {
    return new TestScore(OptionalDouble.of(share), OptionalDouble.empty());
  }

  static TestScore ofSquaredError(double mean) {
    return new TestScore(OptionalDouble.empty(), OptionalDouble.of(mean));
  }

  /** For people. */
  public String text() {
    return accuracy.isPresent()
        ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * accuracy.getAsDouble())
        : String.format(Locale.ROOT, "squared error %.4g", squaredError.getAsDouble());
  }
}
