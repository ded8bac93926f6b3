package io.sparsescope.experiments.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One CSV table of all tables: rows know their net, columns that a table lacks are empty. */
final class CsvTables implements TableFormat.Writer {
  @Override
  public String write(List<ReportTable> tables) {
    Set<String> titles = new LinkedHashSet<>();
    tables.forEach(t -> t.columns().forEach(c -> titles.add(c.title())));
    boolean nets = tables.stream().anyMatch(t -> !t.net().isEmpty());
    StringBuilder out = new StringBuilder();
    List<String> head = new ArrayList<>();
    if (nets) {
      head.add("net");
    }
    head.add(tables.isEmpty() ? "layer" : tables.get(0).head());
    head.addAll(titles);
    line(out, head);
    for (ReportTable table : tables) {
      List<String> own = table.columns().stream().map(ReportTable.Column::title).toList();
      for (ReportTable.Row row : table.rows()) {
        List<String> cells = new ArrayList<>();
        if (nets) {
          cells.add(table.net());
        }
        cells.add(row.name());
        for (String title : titles) {
          int column = own.indexOf(title);
          Double value = column < 0 ? null : row.values().get(column);
          cells.add(value == null ? "" : value.toString());
        }
        line(out, cells);
      }
    }
    return out.toString();
  }

  private static void line(StringBuilder out, List<String> cells) {
    out.append(cells.stream().map(CsvTables::quoted).collect(Collectors.joining(",")));
    out.append('\n');
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
