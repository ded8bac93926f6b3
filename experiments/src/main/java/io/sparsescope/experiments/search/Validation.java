package io.sparsescope.experiments.search;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.sparsescope.experiments.evaluate.Interval;

/**
 * Accuracy on records that had no say in the choice of thresholds.
 *
 * @param fraction the part of the records that was kept for this
 * @param samples how many they are
 * @param baselineAccuracy of the dense model over them
 * @param accuracy with all thresholds in force
 * @param baselineInterval 95 % interval of the dense model's; null for metrics that do not count
 *     hits
 * @param interval 95 % interval of {@code accuracy}
 */
@JsonPropertyOrder({
  "fraction",
  "samples",
  "baselineAccuracy",
  "accuracy",
  "relativeAccuracy",
  "baselineInterval",
  "interval"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Validation(
    double fraction,
    long samples,
    double baselineAccuracy,
    double accuracy,
    Interval baselineInterval,
    Interval interval) {

  /** Accuracy by the dense model's; null where that is 0. */
  @JsonProperty("relativeAccuracy")
  public Double relativeAccuracy() {
    return baselineAccuracy == 0 ? null : (Double) (accuracy / baselineAccuracy);
  }
}
