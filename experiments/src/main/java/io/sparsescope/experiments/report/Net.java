package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A net and its results side by side: one of the paper's tables 1 to 5.
 *
 * @param name as the user has it, or the names of its models
 * @param by whether rows are layers or blocks; layers in no block are rows of their own
 * @param variants in the order of the files
 * @param rows in graph order
 */
public record Net(String name, By by, List<Variant> variants, List<Row> rows) {

  /**
   * A layer or block in all variants.
   *
   * @param name its name
   * @param units one a variant; nothing is known of one that a variant lacks
   */
  public record Row(String name, List<Unit> units) {
    public Row {
      units = List.copyOf(units);
    }
  }

  public Net {
    variants = List.copyOf(variants);
    rows = List.copyOf(rows);
  }

  static Net of(Optional<String> name, By by, List<Variant> variants) {
    List<String> names = List.of();
    for (Variant v : variants) {
      names = Sequences.union(names, names(v));
    }
    List<Map<String, Unit>> units =
        variants.stream()
            .map(v -> v.units().stream().collect(Collectors.toMap(Unit::name, u -> u)))
            .toList();
    List<Row> rows =
        names.stream()
            .map(
                n ->
                    new Row(
                        n, units.stream().map(u -> u.getOrDefault(n, Unit.unknown(n))).toList()))
            .toList();
    String models =
        variants.stream().map(Variant::model).distinct().collect(Collectors.joining(", "));
    return new Net(name.orElse(models), by, variants, rows);
  }

  /** The paper's net that they are, as far as they tell. */
  public Optional<PaperNet> paper() {
    return Variant.only(variants.stream().map(Variant::paper));
  }

  /** The same where there is a row for each of the paper's table; its last may be missing. */
  public Optional<PaperNet> paperByRow() {
    Set<String> names = rows.stream().map(Row::name).collect(Collectors.toSet());
    return paper()
        .filter(
            p ->
                p.rows().stream()
                    .limit(p.rows().size() - 1)
                    .allMatch(row -> names.contains(row.name())));
  }

  /** Whether one has the other's layers and perhaps more: results of one net. */
  static boolean isSameNet(Variant a, Variant b) {
    Set<String> of = new HashSet<>(names(a));
    Set<String> other = new HashSet<>(names(b));
    return of.containsAll(other) || other.containsAll(of);
  }

  private static List<String> names(Variant v) {
    return v.units().stream().map(Unit::name).toList();
  }
}
