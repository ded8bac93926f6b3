package io.sparsescope.profile;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A weight as a layer reads it, and what it holds (eq. 3). One that several layers read appears
 * with each of them.
 *
 * @param weight the weight, of kind {@link TapKind#WEIGHT}
 * @param counts its elements and zeros
 */
public record WeightCounts(TapInfo weight, Counts counts) {

  public WeightCounts {
    requireNonNull(counts, "counts");
    if (weight.kind() != TapKind.WEIGHT) {
      throw new IllegalArgumentException(weight.tensor() + " is no weight but " + weight.kind());
    }
  }

  /**
   * Weights of a layer, a block or a model together (eq. 5): each tensor once, and where thresholds
   * leave it different to different layers, with what is zero to all of them.
   */
  public static Counts sum(List<WeightCounts> weights) {
    WeightSum sum = new WeightSum();
    weights.forEach(w -> sum.add(w.weight().tensor(), w.counts()));
    return sum.total();
  }
}
