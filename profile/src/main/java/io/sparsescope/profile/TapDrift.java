package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How far the sparsity of one tensor is from where a reference had it.
 *
 * @param tensor the tensor's name
 * @param layer name of the layer it belongs to, "" if none
 * @param reference zeros by elements in the reference
 * @param live zeros by elements now
 * @param distance the absolute difference of the two
 * @param deviations the distance in standard deviations of the reference's runs; null where they do
 *     not differ, or there was only one
 */
@JsonPropertyOrder({"tensor", "layer", "reference", "live", "distance", "deviations"})
public record TapDrift(
    String tensor,
    String layer,
    double reference,
    double live,
    double distance,
    Double deviations) {

  /** Both must have been counted. */
  static TapDrift between(TapProfile reference, TapProfile live) {
    double distance = Math.abs(reference.sparsity() - live.sparsity());
    double spread = reference.perRun().stddev();
    return new TapDrift(
        live.tensor(),
        live.layer(),
        reference.sparsity(),
        live.sparsity(),
        distance,
        spread > 0 ? (Double) (distance / spread) : null);
  }
}
