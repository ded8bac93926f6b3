package io.sparsescope.experiments.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tables for terminals, each under its caption. */
final class TextTables implements TableFormat.Writer {
  @Override
  public String write(List<ReportTable> tables) {
    return tables.stream().map(TextTables::table).collect(Collectors.joining("\n"));
  }

  private static String table(ReportTable table) {
    List<List<String>> lines = new ArrayList<>();
    boolean labels = table.columns().stream().anyMatch(c -> !c.label().isEmpty());
    List<String> groups = new ArrayList<>(List.of(labels ? "" : table.head()));
    List<String> second = new ArrayList<>(List.of(table.head()));
    String last = "";
    for (ReportTable.Column c : table.columns()) {
      groups.add(labels && c.group().equals(last) ? "" : c.group());
      second.add(TableFormat.oneLine(c.label()));
      last = c.group();
    }
    lines.add(groups);
    if (labels) {
      lines.add(second);
    }
    for (ReportTable.Row row : table.rows()) {
      List<String> cells = new ArrayList<>(List.of(TableFormat.oneLine(row.name())));
      row.values().forEach(v -> cells.add(TableFormat.share(v)));
      lines.add(cells);
    }
    return TableFormat.oneLine(table.caption()) + "\n\n" + grid(lines);
  }

  /** The first column to the left, all others to the right. */
  private static String grid(List<List<String>> lines) {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String space = " ".repeat(widths[i] - line.get(i).length());
        text.append(i == 0 ? line.get(i) + space : "  " + space + line.get(i));
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
