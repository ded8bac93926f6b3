package io.sparsescope.it.soak;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How much a quantity grew after the warm-up: its median over the last third of the samples beside
 * that over the third before it.
 *
 * @param before median of the middle third
 * @param after median of the last third
 */
record Growth(long before, long after) {

  /**
   * @throws IllegalArgumentException if there are fewer than six samples
   */
  static Growth of(List<SoakSample> samples, ToLongFunction<SoakSample> quantity) {
    int third = samples.size() / 3;
    if (third < 2) {
      throw new IllegalArgumentException(samples.size() + " samples, six are needed");
    }
    int middle = samples.size() - 2 * third;
    return new Growth(
        median(samples.subList(middle, middle + third), quantity),
        median(samples.subList(middle + third, samples.size()), quantity));
  }

  /** For example 1.01 where the last third is one percent above. */
  double ratio() {
    return before == 0 ? 1 : (double) after / before;
  }

  private static long median(List<SoakSample> samples, ToLongFunction<SoakSample> quantity) {
    long[] sorted = samples.stream().mapToLong(quantity).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
