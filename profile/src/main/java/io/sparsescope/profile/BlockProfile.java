package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

/**
 * Sparsity of a block (paper, section 2.1).
 *
 * @param block the block's name
 * @param activation name of the tensor that is the block's activation: the last one that is tapped,
 *     in graph order; "" if none is
 * @param activationSparsity sparsity of that tensor alone, never a mean over layers; null where it
 *     was not measured
 * @param weightSparsity zeros by elements of all the block's weights together (eq. 5), each tensor
 *     once; null where they were not counted
 */
public record BlockProfile(
    String block, String activation, Double activationSparsity, Double weightSparsity) {

  public BlockProfile {
    block = requireNonNullElse(block, "");
    activation = requireNonNullElse(activation, "");
  }
}
