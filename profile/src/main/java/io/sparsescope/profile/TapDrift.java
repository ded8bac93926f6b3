package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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
 * @param deadChannels how many channels are dead now, all their elements zero in all runs; null,
 *     and left out of JSON, where channels were not counted
 * @param newlyDead those of them, sorted, that were not dead in the reference; null, and left out,
 *     where not both counted channels, or not equally many
 * @param revived channels, sorted, that were dead in the reference and are not now; null with
 *     {@code newlyDead}
 */
@JsonPropertyOrder({
  "tensor",
  "layer",
  "reference",
  "live",
  "distance",
  "deviations",
  "deadChannels",
  "newlyDead",
  "revived"
})
public record TapDrift(
    String tensor,
    String layer,
    double reference,
    double live,
    double distance,
    Double deviations,
    @JsonInclude(JsonInclude.Include.NON_NULL) Integer deadChannels,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> newlyDead,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> revived) {

  public TapDrift {
    newlyDead = newlyDead == null ? null : List.copyOf(newlyDead);
    revived = revived == null ? null : List.copyOf(revived);
  }

  /** Both must have been counted. */
  static TapDrift between(TapProfile reference, TapProfile live) {
    double distance = Math.abs(reference.sparsity() - live.sparsity());
    boolean same = live.channels() != null && live.channels().equals(reference.channels());
    double spread = reference.perRun().stddev();
    return new TapDrift(
        live.tensor(),
        live.layer(),
        reference.sparsity(),
        live.sparsity(),
        distance,
        spread > 0 ? (Double) (distance / spread) : null,
        live.channels() == null ? null : (Integer) live.deadChannels().size(),
        same ? without(live.deadChannels(), reference.deadChannels()) : null,
        same ? without(reference.deadChannels(), live.deadChannels()) : null);
  }

  private static List<Integer> without(List<Integer> all, List<Integer> others) {
    Set<Integer> left = new TreeSet<>(all);
    left.removeAll(new HashSet<>(others));
    return List.copyOf(left);
  }
}
