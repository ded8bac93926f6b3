package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

/**
 * A transform, other than a threshold, that was in force while the profile was taken.
 *
 * @param tensor the tensor whose values were changed
 * @param kind activation or weight; a tensor inside a layer is an activation here
 * @param transform the transform as rules write it, such as {@code nearest,16,8}
 */
public record AppliedTransform(String tensor, TapKind kind, String transform) {

  public AppliedTransform {
    tensor = requireNonNullElse(tensor, "");
    kind = requireNonNullElse(kind, TapKind.ACTIVATION);
    transform = requireNonNullElse(transform, "");
  }
}
