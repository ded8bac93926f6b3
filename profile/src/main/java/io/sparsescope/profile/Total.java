package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Sparsity of a model (eq. 5 over all its layers); a weight that several of them read is counted
 * once.
 *
 * @param weightElements elements of all weights counted
 * @param weightZeros those equal to zero
 */
public record Total(long weightElements, long weightZeros) {

  static Total of(List<TapProfile> taps) {
    Counts sum = sumWeights(taps);
    return new Total(sum.elements(), sum.zeros());
  }

  /** All weights among the taps together, each tensor once. */
  static Counts sumWeights(List<TapProfile> taps) {
    WeightSum sum = new WeightSum();
    for (TapProfile tap : taps) {
      if (tap.kind() == TapKind.WEIGHT) {
        sum.add(tap.tensor(), tap.counts());
      }
    }
    return sum.total();
  }

  /** Zeros by elements, null where no weight was counted. */
  @JsonProperty("weightSparsity")
  public Double weightSparsity() {
    return weightElements == 0 ? null : (Double) ((double) weightZeros / weightElements);
  }
}
