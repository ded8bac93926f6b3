package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

/**
 * A threshold that was in force while the profile was taken.
 *
 * @param tensor the tensor whose small elements became zero
 * @param kind activation or weight
 * @param threshold the threshold
 * @param compare {@code lt} or {@code le}
 */
public record AppliedThreshold(String tensor, TapKind kind, double threshold, String compare) {

  public AppliedThreshold {
    tensor = requireNonNullElse(tensor, "");
    kind = requireNonNullElse(kind, TapKind.ACTIVATION);
    compare = requireNonNullElse(compare, "lt");
  }
}
