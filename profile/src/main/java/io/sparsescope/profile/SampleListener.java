package io.sparsescope.profile;

import java.util.List;

/** Hears of every sampled run. Called by the thread that records it, and by many at once. */
@FunctionalInterface
public interface SampleListener {
  /** Hears nothing. */
  SampleListener NONE = (model, arm, taps, perTap) -> {};

  /**
   * A sampled run was recorded.
   *
   * @param model the model that was run
   * @param arm which arm of a live experiment ran it, "" where there is none
   * @param taps what was counted
   * @param perTap counts in their order, as {@link ProfileRecorder#record} got them; not to be
   *     changed
   */
  void sampled(ModelInfo model, String arm, List<TapInfo> taps, Counts[] perTap);
}
