package io.sparsescope.experiments.report;

import static java.util.stream.Collectors.toMap;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one file tells of one model.
 *
 * @param file what messages call the file
 * @param model the model's name
 * @param identity equal for findings of one model
 * @param searched whether thresholds were searched for, instead of profiled
 * @param units in graph order
 * @param totalWeights sparsity of all weights together; null where they were not counted
 * @param totalBefore the same before the thresholds of a search
 * @param accuracy what a search has lost
 * @param paper the paper's net that the model is, if it is one
 */
record Finding(
    String file,
    String model,
    String identity,
    boolean searched,
    List<Unit> units,
    Double totalWeights,
    Double totalBefore,
    Optional<Accuracy> accuracy,
    Optional<PaperNet> paper) {

  Finding {
    units = List.copyOf(units);
  }

  boolean hasWeights() {
    return units.stream().anyMatch(u -> u.weights() != null);
  }

  boolean hasActivations() {
    return units.stream().anyMatch(u -> u.activations() != null);
  }

  List<String> names() {
    return units.stream().map(Unit::name).toList();
  }

  Map<String, Unit> byName() {
    return units.stream().collect(toMap(Unit::name, u -> u));
  }
}
