package io.sparsescope.agent.export;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.TapProfile;

/**
 * What the series of one tensor show, or of several that share one.
 *
 * @param nanRuns runs in which a tensor held NaN and was not counted
 */
record TapTotals(Counts counts, long nanRuns) {

  static TapTotals of(TapProfile tap) {
    return new TapTotals(tap.counts(), tap.nanRuns());
  }

  /** Both together. */
  TapTotals plus(TapTotals other) {
    return new TapTotals(counts.plus(other.counts), nanRuns + other.nanRuns);
  }
}
