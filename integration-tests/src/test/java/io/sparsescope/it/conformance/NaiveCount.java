package io.sparsescope.it.conformance;

import io.sparsescope.it.conformance.Value.Numbers;
import io.sparsescope.profile.Counts;

/** Counts zeros one element at a time: slow, and made apart from all that is under test. */
final class NaiveCount {
  private NaiveCount() {}

  static Counts of(Numbers numbers, long zeroPoint) {
    long zeros = 0;
    long nan = 0;
    for (int i = 0; i < numbers.size(); i++) {
      double value = numbers.get(i);
      if (Double.isNaN(value)) {
        nan++;
      } else if (value == zeroPoint) {
        zeros++;
      }
    }
    return new Counts(numbers.size(), zeros, nan);
  }
}
