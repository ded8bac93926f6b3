package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the tensors of one model are from a reference.
 *
 * @param name the live model's name
 * @param arm the arm of a live experiment that runs it, "" where there is none
 * @param sha256 SHA-256 of the live model's bytes
 * @param note what a reader should know of the comparison, "" if nothing
 * @param taps tensors counted in both, in the order of the live model
 * @param onlyInReference names of tensors that were not counted now
 * @param onlyInLive names of tensors that the reference did not count
 */
@JsonPropertyOrder({
  "name",
  "arm",
  "sha256",
  "note",
  "meanDistance",
  "maxDistance",
  "taps",
  "onlyInReference",
  "onlyInLive"
})
public record ModelDrift(
    String name,
    String arm,
    String sha256,
    String note,
    List<TapDrift> taps,
    List<String> onlyInReference,
    List<String> onlyInLive) {

  public ModelDrift {
    taps = List.copyOf(taps);
    onlyInReference = List.copyOf(onlyInReference);
    onlyInLive = List.copyOf(onlyInLive);
  }

  static ModelDrift between(ModelProfile reference, ModelProfile live, String note) {
    Map<String, TapProfile> before = counted(reference);
    List<TapDrift> taps = new ArrayList<>();
    List<String> onlyInLive = new ArrayList<>();
    for (TapProfile now : counted(live).values()) {
      TapProfile then = before.remove(now.tensor());
      if (then == null) {
        onlyInLive.add(now.tensor());
      } else {
        taps.add(TapDrift.between(then, now));
      }
    }
    return new ModelDrift(
        live.name(),
        live.arm(),
        live.sha256(),
        note,
        taps,
        List.copyOf(before.keySet()),
        onlyInLive);
  }

  /** Weights do not drift, and what had no elements has no sparsity. */
  private static Map<String, TapProfile> counted(ModelProfile model) {
    Map<String, TapProfile> counted = new LinkedHashMap<>();
    for (TapProfile tap : model.runTaps()) {
      if (tap.runs() > 0) {
        counted.putIfAbsent(tap.tensor(), tap);
      }
    }
    return counted;
  }

  /** Mean of the distances of all tensors, null where there are none. */
  @JsonProperty("meanDistance")
  public Double meanDistance() {
    return taps.isEmpty()
        ? null
        : (Double) taps.stream().mapToDouble(TapDrift::distance).average().getAsDouble();
  }

  /** The largest of the distances, null where there are none. */
  @JsonProperty("maxDistance")
  public Double maxDistance() {
    return taps.isEmpty()
        ? null
        : (Double) taps.stream().mapToDouble(TapDrift::distance).max().getAsDouble();
  }
}
