package io.sparsescope.profile;

import java.util.HashMap;
import java.util.Map;

/**
 * Adds weights up, each tensor once, however many layers read it. Where thresholds leave it
 * different to different layers, what counts as zero is what is zero to all of them: of two
 * thresholds the smaller one's zeros, which are the fewer.
 */
final class WeightSum {
  private final Map<String, Counts> byTensor = new HashMap<>();

  void add(String tensor, Counts counts) {
    byTensor.merge(tensor, counts, (a, b) -> b.zeros() < a.zeros() ? b : a);
  }

  Counts total() {
    return byTensor.values().stream().reduce(Counts.NONE, Counts::plus);
  }
}
