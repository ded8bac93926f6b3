package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How far the sparsity of models is from where a reference profile had it.
 *
 * @param models models in both, in the order of the live profile
 * @param onlyInReference names of models that were not run now
 * @param onlyInLive names of models that the reference does not know
 */
@JsonPropertyOrder({"meanDistance", "maxDistance", "models", "onlyInReference", "onlyInLive"})
public record Drift(
    List<ModelDrift> models, List<String> onlyInReference, List<String> onlyInLive) {

  public Drift {
    models = List.copyOf(models);
    onlyInReference = List.copyOf(onlyInReference);
    onlyInLive = List.copyOf(onlyInLive);
  }

  /**
   * Compares what both have counted. A model is the same if its bytes are; else one of the same
   * name is taken, and a note says so. Of several, such as the arms of an experiment, the one of
   * the same arm is taken, or else the one that was counted most.
   */
  public static Drift between(Profile reference, Profile live) {
    List<ModelDrift> models = new ArrayList<>();
    List<String> onlyInLive = new ArrayList<>();
    Set<ModelProfile> compared = new HashSet<>();
    for (ModelProfile now : live.models()) {
      if (now.sampledRuns() == 0) {
        continue;
      }
      Optional<ModelProfile> same =
          best(reference, now, then -> then.sha256().equals(now.sha256()));
      Optional<ModelProfile> then =
          same.or(() -> best(reference, now, other -> other.name().equals(now.name())));
      if (then.isEmpty()) {
        onlyInLive.add(now.name());
      } else {
        String note =
            same.isPresent() ? "" : "the reference is of a model of that name with other bytes";
        models.add(ModelDrift.between(then.get(), now, note));
        compared.add(then.get());
      }
    }
    return new Drift(
        models,
        counted(reference)
            .filter(then -> !compared.contains(then))
            .map(ModelProfile::name)
            .toList(),
        onlyInLive);
  }

  private static Optional<ModelProfile> best(
      Profile reference, ModelProfile now, Predicate<ModelProfile> matches) {
    return counted(reference)
        .filter(matches)
        .max(
            Comparator.comparing((ModelProfile then) -> then.arm().equals(now.arm()))
                .thenComparing(ModelProfile::sampledRuns));
  }

  private static Stream<ModelProfile> counted(Profile profile) {
    return profile.models().stream().filter(model -> model.sampledRuns() > 0);
  }

  /** Mean of the distances of all tensors of all models, null where there are none. */
  @JsonProperty("meanDistance")
  public Double meanDistance() {
    return taps().findAny().isEmpty()
        ? null
        : (Double) taps().mapToDouble(TapDrift::distance).average().getAsDouble();
  }

  /** The largest of the distances, null where there are none. */
  @JsonProperty("maxDistance")
  public Double maxDistance() {
    return taps().findAny().isEmpty()
        ? null
        : (Double) taps().mapToDouble(TapDrift::distance).max().getAsDouble();
  }

  private Stream<TapDrift> taps() {
    return models.stream().flatMap(model -> model.taps().stream());
  }

  /** As JSON: the record's components, sparsities and distances as fractions of 1. */
  public String toJson() {
    return ProfileFile.toJson(this);
  }
}
