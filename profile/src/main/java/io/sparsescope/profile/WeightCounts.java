package io.sparsescope.profile;

import static java.util.Objects.requireNonNull;

/**
 * A weight and what it holds.
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
}
