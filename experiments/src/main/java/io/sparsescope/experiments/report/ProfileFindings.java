package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import io.sparsescope.profile.BlockProfile;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.profile.WeightCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes layers or blocks out of profiles. */
final class ProfileFindings {
  private final ModelProfile model;
  private final By by;
  private final Map<String, List<WeightCounts>> weights = new LinkedHashMap<>();
  private final Map<String, Double> activations = new LinkedHashMap<>();

  private ProfileFindings(ModelProfile model, By by) {
    this.model = model;
    this.by = by;
  }

  /** A finding a model. */
  static List<Finding> of(String file, Profile profile, By by) {
    List<Finding> all = new ArrayList<>();
    for (ModelProfile model : profile.models()) {
      all.add(new ProfileFindings(model, by).finding(file));
    }
    return all;
  }

  private Finding finding(String file) {
    for (TapProfile tap : model.taps()) {
      if (tap.kind() == TapKind.WEIGHT) {
        weights
            .computeIfAbsent(unit(tap), u -> new ArrayList<>())
            .add(new WeightCounts(tap.info(), tap.counts()));
      } else if (tap.kind() == TapKind.ACTIVATION) {
        // Taps are in graph order, and the last activation counts.
        activations.put(unit(tap), tap.sparsity());
      }
    }
    if (by == By.BLOCK) {
      for (BlockProfile block : model.blocks()) {
        activations.computeIfPresent(block.block(), (b, last) -> block.activationSparsity());
      }
    }
    List<String> names =
        Sequences.union(List.copyOf(weights.keySet()), List.copyOf(activations.keySet()));
    String arm = model.arm().isEmpty() ? "" : ", arm " + model.arm();
    return new Finding(
        file,
        model.name() + arm,
        (model.sha256().isEmpty() ? model.name() : model.sha256()) + arm,
        false,
        names.stream().map(this::unit).toList(),
        model.total().weightSparsity(),
        null,
        Optional.empty(),
        PaperNet.of(model));
  }

  private String unit(TapProfile tap) {
    if (by == By.BLOCK && !tap.block().isEmpty()) {
      return tap.block();
    }
    return tap.layer().isEmpty() ? tap.node() : tap.layer();
  }

  private Unit unit(String name) {
    Counts sum = WeightCounts.sum(weights.getOrDefault(name, List.of()));
    Double sparsity = sum.elements() == 0 ? null : (Double) sum.sparsity();
    return new Unit(name, sparsity, null, activations.get(name));
  }
}
