package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lays a report out as the paper's tables: 1 to 5 ({@link #sparsity}: a row a layer or block,
 * weights and activations, relative accuracy in the caption) and 6 ({@link #totals}: a row a net).
 */
public final class PaperTables {
  private PaperTables() {}

  /** A table a net. Where weights were sparse before a search, that is shown, too. */
  public static List<ReportTable> sparsity(Report report) {
    return report.nets().stream().map(PaperTables::sparsity).toList();
  }

  private static ReportTable sparsity(Net net) {
    List<Part<Unit>> parts = new ArrayList<>();
    for (int i = 0; i < net.variants().size(); i++) {
      boolean before = anyBefore(net, i);
      String label = net.variants().get(i).label();
      if (before) {
        parts.add(new Part<>("weights before", label, i, Unit::before));
      }
      parts.add(new Part<>("weights", label, i, Unit::weights));
      parts.add(new Part<>("activations", label, i, Unit::activations));
    }
    List<Part<Unit>> grouped =
        Stream.of("weights before", "weights", "activations")
            .flatMap(group -> parts.stream().filter(part -> part.group().equals(group)))
            .toList();
    List<ReportTable.Row> rows = new ArrayList<>();
    for (Net.Row row : net.rows()) {
      List<Double> values = new ArrayList<>();
      grouped.forEach(part -> values.add(part.of().apply(row.units().get(part.variant()))));
      rows.add(new ReportTable.Row(row.name(), values));
    }
    String head = net.by() == By.BLOCK ? "block" : "layer";
    String caption =
        net.name() + ": sparsity of weights and activations by " + head + "." + accuracy(net);
    return new ReportTable(caption, net.name(), head, columns(grouped), rows);
  }

  private static boolean anyBefore(Net net, int variant) {
    return net.rows().stream()
        .map(r -> r.units().get(variant).before())
        .anyMatch(before -> before != null && before > 0);
  }

  /** What a column shows of which variant. */
  private record Part<T>(String group, String label, int variant, Function<T, Double> of) {}

  private static <T> List<ReportTable.Column> columns(List<Part<T>> parts) {
    return parts.stream().map(p -> new ReportTable.Column(p.group(), p.label())).toList();
  }

  /**
   * Total weight sparsity of each net, a column a variant; where it was searched for, what it was
   * before and what it costs.
   */
  public static ReportTable totals(Report report) {
    Set<String> labels = new LinkedHashSet<>();
    report.nets().forEach(n -> n.variants().forEach(v -> labels.add(v.label())));
    List<Part<Variant>> parts = new ArrayList<>();
    for (String label : labels) {
      parts.add(new Part<>("weights before", label, 0, PaperTables::before));
    }
    for (String label : labels) {
      parts.add(new Part<>("weights", label, 0, Variant::totalWeights));
    }
    for (String label : labels) {
      parts.add(new Part<>("relative accuracy", label, 0, PaperTables::relative));
    }
    List<Part<Variant>> known =
        parts.stream()
            .filter(
                part ->
                    part.group().equals("weights")
                        || report.nets().stream().anyMatch(net -> value(net, part) != null))
            .toList();
    List<ReportTable.Row> rows = new ArrayList<>();
    for (Net net : report.nets()) {
      List<Double> values = new ArrayList<>();
      known.forEach(part -> values.add(value(net, part)));
      rows.add(new ReportTable.Row(net.name(), values));
    }
    return new ReportTable("Total sparsity of weights.", "", "net", columns(known), rows);
  }

  private static Double value(Net net, Part<Variant> part) {
    return net.variants().stream()
        .filter(v -> v.label().equals(part.label()))
        .findFirst()
        .map(part.of())
        .orElse(null);
  }

  /** Not shown where nothing was zero. */
  private static Double before(Variant v) {
    return v.totalBefore() == null || v.totalBefore() == 0 ? null : v.totalBefore();
  }

  /** Of thresholds on weights, which the table is about. */
  private static Double relative(Variant v) {
    return v.accuracies().stream()
        .filter(a -> a.on().equals("weights"))
        .map(Accuracy::relative)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static String accuracy(Net net) {
    String all =
        net.variants().stream()
            .map(PaperTables::accuracy)
            .filter(s -> !s.isEmpty())
            .collect(Collectors.joining("; "));
    return all.isEmpty() ? "" : " " + capitalized(metric(net)) + ": " + all + ".";
  }

  private static String metric(Net net) {
    Set<String> metrics =
        net.variants().stream()
            .flatMap(v -> v.accuracies().stream())
            .map(Accuracy::metric)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return metrics.equals(Set.of("top-1")) || metrics.equals(Set.of(""))
        ? "relative accuracy"
        : "relative accuracy (" + String.join(", ", metrics) + ")";
  }

  private static String accuracy(Variant v) {
    boolean several = v.accuracies().size() > 1;
    String list =
        v.accuracies().stream()
            .map(a -> (several ? a.on() + " " : "") + accuracy(a))
            .collect(Collectors.joining(", "));
    return list.isEmpty() || v.label().isEmpty() ? list : v.label() + " " + list;
  }

  private static String accuracy(Accuracy a) {
    String kept =
        a.keptSamples() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                " (%s on %,d records kept apart)",
                percent(a.keptRelative()),
                a.keptSamples());
    return percent(a.relative()) + kept;
  }

  private static String percent(Double share) {
    return share == null ? "unknown" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
