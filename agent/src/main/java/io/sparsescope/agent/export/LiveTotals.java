package io.sparsescope.agent.export;

import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.ModelDrift;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapDrift;
import io.sparsescope.profile.TapProfile;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A profile as series: their number is bounded and no two have the same labels. Which tensors have
 * series of their own depends on nothing but the order of models and tensors in the profile, which
 * only grows at its end, so a series goes on as it began.
 *
 * @param agent who took the profile
 * @param models by model, and arm if there is an experiment
 * @param taps by tensor
 * @param drift distance from the reference by tensor; of those that share a series the largest
 */
record LiveTotals(
    AgentInfo agent,
    Map<LabelSet, ModelTotals> models,
    Map<LabelSet, TapTotals> taps,
    Map<LabelSet, Double> drift) {
  /** Tensors of all models that have series of their own; others share one series a model. */
  static final int MAX_TAPS = 2000;

  /** Name of the layer that stands for those that share a series. */
  static final String OTHER = "(other)";

  /** Hexadecimal digits of a model's SHA-256 that its label has. */
  private static final int SHA_LENGTH = 12;

  LiveTotals {
    models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
    taps = Collections.unmodifiableMap(new LinkedHashMap<>(taps));
    drift = Collections.unmodifiableMap(new LinkedHashMap<>(drift));
  }

  static LiveTotals of(Profile profile) {
    return of(profile, Optional.empty());
  }

  /**
   * @param drift how far the profile is from a reference, if there is one
   */
  static LiveTotals of(Profile profile, Optional<Drift> drift) {
    Map<List<String>, Double> distances = distances(drift);
    Map<LabelSet, Double> drifts = new LinkedHashMap<>();
    Map<LabelSet, ModelTotals> models = new LinkedHashMap<>();
    Map<LabelSet, TapTotals> taps = new LinkedHashMap<>();
    for (ModelProfile model : profile.models()) {
      LabelSet labels = labels(model);
      models.merge(labels, ModelTotals.of(model), ModelTotals::plus);
      for (TapProfile tap : model.runTaps()) {
        LabelSet own = labels(labels, tap);
        if (taps.size() >= MAX_TAPS && !taps.containsKey(own)) {
          own = labels.and("layer", OTHER);
          models.computeIfPresent(labels, (key, totals) -> totals.foldingOneMore());
        }
        taps.merge(own, TapTotals.of(tap), TapTotals::plus);
        Double distance =
            distances.get(key(model.name(), model.sha256(), model.arm(), tap.tensor()));
        if (distance != null) {
          drifts.merge(own, distance, Math::max);
        }
      }
    }
    return new LiveTotals(profile.agent(), models, taps, drifts);
  }

  private static Map<List<String>, Double> distances(Optional<Drift> drift) {
    Map<List<String>, Double> distances = new HashMap<>();
    for (ModelDrift model : drift.map(Drift::models).orElse(List.of())) {
      for (TapDrift tap : model.taps()) {
        distances.put(key(model.name(), model.sha256(), model.arm(), tap.tensor()), tap.distance());
      }
    }
    return distances;
  }

  private static List<String> key(String name, String sha256, String arm, String tensor) {
    return List.of(name, sha256, arm, tensor);
  }

  private static LabelSet labels(ModelProfile model) {
    String sha256 = model.sha256();
    return LabelSet.NONE
        .and("model", model.name())
        .and("sha256", sha256.substring(0, Math.min(SHA_LENGTH, sha256.length())))
        .and("arm", model.arm());
  }

  private static LabelSet labels(LabelSet model, TapProfile tap) {
    return model
        .and("block", tap.block())
        .and("layer", tap.layer())
        .and("op", tap.op())
        .and("tensor", tap.tensor());
  }
}
