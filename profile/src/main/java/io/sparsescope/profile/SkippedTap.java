package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

/**
 * A tensor that was selected but could not be counted.
 *
 * @param node name of the node that produces it
 * @param tensor its name, "" if it is not about one tensor
 * @param reason why, in a few words
 */
public record SkippedTap(String node, String tensor, String reason) {

  public SkippedTap {
    node = requireNonNullElse(node, "");
    tensor = requireNonNullElse(tensor, "");
    reason = requireNonNullElse(reason, "");
  }
}
