package io.sparsescope.agent.export;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.TapProfile;

/**
 * What the series of one tensor show, or of several that share one.
 *
 * @param nanRuns runs in which a tensor held NaN and was not counted
 * @param deadChannels channels whose elements were zero in all counted runs; null where channels
 *     were not counted
 */
record TapTotals(Counts counts, long nanRuns, Long deadChannels) {

  static TapTotals of(TapProfile tap) {
    return new TapTotals(
        tap.counts(),
        tap.nanRuns(),
        tap.deadChannels() == null ? null : (Long) (long) tap.deadChannels().size());
  }

  /** Both together. */
  TapTotals plus(TapTotals other) {
    return new TapTotals(
        counts.plus(other.counts),
        nanRuns + other.nanRuns,
        deadChannels == null || other.deadChannels == null
            ? (deadChannels == null ? other.deadChannels : deadChannels)
            : (Long) (deadChannels + other.deadChannels));
  }
}
