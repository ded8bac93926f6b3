package io.sparsescope.experiments.search;

import java.util.ArrayList;
import java.util.List;

/**
 * A unit's grid, and what each threshold zeroes.
 *
 * @param thresholds strictly descending, above 0
 * @param zeros zeros of the unit behind each of them; of activations estimated from the first
 *     records
 * @param denseZeros zeros without a threshold
 * @param exact whether the zeros are counted, not estimated
 */
record UnitGrid(List<Double> thresholds, List<Long> zeros, long denseZeros, boolean exact) {

  UnitGrid {
    thresholds = List.copyOf(thresholds);
    zeros = List.copyOf(zeros);
  }

  /**
   * The thresholds without those that change nothing: of several that zero the same elements the
   * highest stays, of those that zero none that is not zero already none does.
   */
  List<Double> distinct() {
    if (!exact) {
      return thresholds;
    }
    List<Double> distinct = new ArrayList<>();
    long last = -1;
    for (int i = 0; i < thresholds.size(); i++) {
      if (zeros.get(i) != last && zeros.get(i) != denseZeros) {
        distinct.add(thresholds.get(i));
      }
      last = zeros.get(i);
    }
    return distinct;
  }

  /** The highest threshold that leaves the unit as it is; 0 if there is none. */
  double idle() {
    for (int i = 0; i < thresholds.size() && exact; i++) {
      if (zeros.get(i) == denseZeros) {
        return thresholds.get(i);
      }
    }
    return 0;
  }

  /** Zeros behind a threshold of the grid, or behind none. */
  long zerosAt(double threshold) {
    int index = thresholds.indexOf(threshold);
    return index < 0 ? denseZeros : zeros.get(index);
  }

  /** The next lower threshold of the grid, 0 behind the last. */
  double below(double threshold) {
    int index = thresholds.indexOf(threshold) + 1;
    return index < thresholds.size() ? thresholds.get(index) : 0;
  }
}
