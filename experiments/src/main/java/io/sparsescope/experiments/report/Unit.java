package io.sparsescope.experiments.report;

/**
 * What was found of a layer, or of a block. Sparsities are shares from 0 to 1, null where they were
 * not measured.
 *
 * @param name of the layer or block
 * @param weights sparsity of its weights (eq. 3, of a block eq. 5)
 * @param before the same before the thresholds of a search
 * @param activations sparsity of its activation, of a block that of its last one
 */
public record Unit(String name, Double weights, Double before, Double activations) {

  /** Nothing is known of it. */
  static Unit unknown(String name) {
    return new Unit(name, null, null, null);
  }
}
