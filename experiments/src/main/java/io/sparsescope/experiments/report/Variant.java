package io.sparsescope.experiments.report;

import io.sparsescope.experiments.ExperimentException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One result of a net, such as the one trained with L1: what a column of the paper's tables shows.
 *
 * @param label what the column is called, "" where it is the net's only one and not named
 * @param model the model's name
 * @param units layers or blocks in graph order
 * @param totalWeights sparsity of all weights together (eq. 5); null where they were not counted
 * @param totalBefore the same before the thresholds of a search
 * @param accuracies what the thresholds cost, a search each
 * @param paper the paper's net that the model is, if it is one
 */
public record Variant(
    String label,
    String model,
    List<Unit> units,
    Double totalWeights,
    Double totalBefore,
    List<Accuracy> accuracies,
    Optional<PaperNet> paper) {

  public Variant {
    units = List.copyOf(units);
    accuracies = List.copyOf(accuracies);
  }

  /**
   * Joins what several files tell of one model. What a search found goes before what a profile did.
   *
   * @throws ExperimentException if two files tell of the same thing
   */
  static Variant of(String label, List<Finding> findings) {
    Optional<Finding> weights = only(findings, "weights", Finding::hasWeights);
    Optional<Finding> activations = only(findings, "activations", Finding::hasActivations);
    Map<String, Unit> byWeights = weights.map(Finding::byName).orElse(Map.of());
    Map<String, Unit> byActivations = activations.map(Finding::byName).orElse(Map.of());
    List<String> names = List.of();
    for (Finding finding : findings) {
      names = Sequences.union(names, finding.names());
    }
    List<Unit> units = new ArrayList<>();
    for (String name : names) {
      Unit w = byWeights.getOrDefault(name, Unit.unknown(name));
      Unit a = byActivations.getOrDefault(name, Unit.unknown(name));
      units.add(new Unit(name, w.weights(), w.before(), a.activations()));
    }
    return new Variant(
        label,
        findings.get(0).model(),
        units,
        weights.map(Finding::totalWeights).orElse(null),
        weights.map(Finding::totalBefore).orElse(null),
        findings.stream().flatMap(f -> f.accuracy().stream()).toList(),
        only(findings.stream().map(Finding::paper)));
  }

  /** The one net that some of them are, whatever the others do not tell. */
  static Optional<PaperNet> only(Stream<Optional<PaperNet>> papers) {
    List<PaperNet> known = papers.flatMap(Optional::stream).distinct().toList();
    return known.size() == 1 ? Optional.of(known.get(0)) : Optional.empty();
  }

  Variant labelled(String other) {
    return new Variant(other, model, units, totalWeights, totalBefore, accuracies, paper);
  }

  private static Optional<Finding> only(
      List<Finding> findings, String what, Predicate<Finding> has) {
    List<Finding> searched = findings.stream().filter(Finding::searched).filter(has).toList();
    Stream<Finding> profiled = findings.stream().filter(f -> !f.searched()).filter(has);
    List<Finding> all = searched.isEmpty() ? profiled.toList() : searched;
    if (all.size() > 1) {
      throw new ExperimentException(
          all.get(0).file()
              + " and "
              + all.get(1).file()
              + " both tell of the "
              + what
              + " of "
              + all.get(0).model()
              + ": tell them apart by labels, such as L2=FILE L1=FILE");
    }
    return all.stream().findFirst();
  }
}
