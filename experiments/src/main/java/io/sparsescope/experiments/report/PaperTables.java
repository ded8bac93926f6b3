package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lays a report out as the paper's tables: 1 to 5 ({@link #sparsity}: a row a layer or block,
 * weights and activations, relative accuracy in the caption) and 6 ({@link #totals}: a row a net).
 */
public final class PaperTables {
  /** Begins labels of columns that show what the paper has. */
  static final String PAPER = "paper ";

  private PaperTables() {}

  /**
   * A table a net. Where weights were sparse before a search, that is shown, too.
   *
   * @param paper whether the paper's values stand beside where the net is one of the paper's, and
   *     its rows are those of the paper's table
   */
  public static List<ReportTable> sparsity(Report report, boolean paper) {
    return report.nets().stream()
        .map(net -> sparsity(net, paper ? net.paperByRow() : Optional.empty()))
        .toList();
  }

  /** What a column shows of a row. */
  private record Part<R>(String group, String label, Function<R, Double> of) {}

  private static ReportTable sparsity(Net net, Optional<PaperNet> paper) {
    List<Part<Net.Row>> parts = new ArrayList<>();
    for (int i = 0; i < net.variants().size(); i++) {
      int variant = i;
      String own = net.variants().get(i).label();
      String label = own.isEmpty() && paper.isPresent() ? "ours" : own;
      if (anyBefore(net, i)) {
        parts.add(new Part<>("weights before", label, r -> r.units().get(variant).before()));
      }
      parts.add(new Part<>("weights", label, r -> r.units().get(variant).weights()));
      parts.add(new Part<>("activations", label, r -> r.units().get(variant).activations()));
    }
    paper.ifPresent(of -> addPaper(parts, of));
    List<Part<Net.Row>> grouped =
        Stream.of("weights before", "weights", "activations")
            .flatMap(group -> parts.stream().filter(part -> part.group().equals(group)))
            .toList();
    String head = net.by() == By.BLOCK ? "block" : "layer";
    String caption =
        net.name()
            + ": sparsity of weights and activations by "
            + head
            + "."
            + accuracy(net)
            + paper.map(PaperTables::about).orElse("");
    List<ReportTable.Row> rows =
        net.rows().stream().map(r -> new ReportTable.Row(r.name(), values(r, grouped))).toList();
    return new ReportTable(caption, net.name(), head, columns(grouped), rows);
  }

  private static void addPaper(List<Part<Net.Row>> parts, PaperNet paper) {
    for (int i = 0; i < paper.labels().size(); i++) {
      int place = i;
      String label = PAPER + paper.labels().get(i);
      parts.add(new Part<>("weights", label, r -> of(paper, r, p -> p.weights().get(place))));
      parts.add(
          new Part<>("activations", label, r -> of(paper, r, p -> p.activations().get(place))));
    }
  }

  private static Double of(PaperNet paper, Net.Row row, Function<PaperNet.Row, Double> what) {
    return paper.rows().stream()
        .filter(r -> r.name().equals(row.name()))
        .findFirst()
        .map(what)
        .orElse(null);
  }

  private static String about(PaperNet paper) {
    List<String> accuracies = new ArrayList<>();
    for (int i = 0; i < paper.labels().size(); i++) {
      accuracies.add(paper.labels().get(i) + " " + percent(paper.relativeAccuracy().get(i)));
    }
    return " The paper ("
        + paper.source()
        + "): relative accuracy "
        + String.join("; ", accuracies)
        + "."
        + (paper.note().isEmpty() ? "" : " " + paper.note());
  }

  private static boolean anyBefore(Net net, int variant) {
    return net.rows().stream()
        .map(r -> r.units().get(variant).before())
        .anyMatch(before -> before != null && before > 0);
  }

  private static <R> List<ReportTable.Column> columns(List<Part<R>> parts) {
    return parts.stream().map(p -> new ReportTable.Column(p.group(), p.label())).toList();
  }

  private static <R> List<Double> values(R row, List<Part<R>> parts) {
    List<Double> values = new ArrayList<>();
    parts.forEach(part -> values.add(part.of().apply(row)));
    return values;
  }

  /**
   * Total weight sparsity of each net, a column a variant; where it was searched for, what it was
   * before and what it costs.
   *
   * @param paper whether the values of the paper's table 6 stand beside for its nets
   */
  public static ReportTable totals(Report report, boolean paper) {
    Set<String> labels = new LinkedHashSet<>();
    report.nets().forEach(n -> n.variants().forEach(v -> labels.add(v.label())));
    Set<String> papers = new LinkedHashSet<>();
    if (paper) {
      report.nets().forEach(n -> n.paper().ifPresent(p -> papers.addAll(p.labels())));
    }
    List<Part<Net>> parts = new ArrayList<>();
    for (String label : labels) {
      parts.add(own("weights before", label, papers, PaperTables::before));
    }
    for (String label : labels) {
      parts.add(own("weights", label, papers, Variant::totalWeights));
    }
    papers.forEach(label -> parts.add(paper("weights", label, PaperNet::totalWeights)));
    for (String label : labels) {
      parts.add(own("relative accuracy", label, papers, PaperTables::relative));
    }
    papers.forEach(
        label -> parts.add(paper("relative accuracy", label, PaperNet::relativeAccuracy)));
    List<Part<Net>> known =
        parts.stream()
            .filter(
                part ->
                    part.group().equals("weights")
                        || report.nets().stream().anyMatch(n -> part.of().apply(n) != null))
            .toList();
    List<ReportTable.Row> rows =
        report.nets().stream().map(n -> new ReportTable.Row(n.name(), values(n, known))).toList();
    String caption =
        "Total sparsity of weights." + (papers.isEmpty() ? "" : " The paper's is its table 6.");
    return new ReportTable(caption, "", "net", columns(known), rows);
  }

  private static Part<Net> own(
      String group, String label, Set<String> papers, Function<Variant, Double> of) {
    return new Part<>(
        group,
        label.isEmpty() && !papers.isEmpty() ? "ours" : label,
        net ->
            net.variants().stream()
                .filter(v -> v.label().equals(label))
                .findFirst()
                .map(of)
                .orElse(null));
  }

  private static Part<Net> paper(
      String group, String label, Function<PaperNet, List<Double>> values) {
    return new Part<>(
        group,
        PAPER + label,
        net ->
            net.paper()
                .filter(p -> p.labels().contains(label))
                .map(p -> values.apply(p).get(p.labels().indexOf(label)))
                .orElse(null));
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
