package io.sparsescope.experiments.report;

import java.util.List;
import java.util.stream.Collectors;

/** Markdown tables, each under its caption. */
final class MarkdownTables implements TableFormat.Writer {
  @Override
  public String write(List<ReportTable> tables) {
    return tables.stream().map(MarkdownTables::table).collect(Collectors.joining("\n"));
  }

  private static String table(ReportTable table) {
    StringBuilder out = new StringBuilder(escaped(table.caption())).append("\n\n");
    out.append("| ").append(table.head());
    table.columns().forEach(c -> out.append(" | ").append(escaped(c.title())));
    out.append(" |\n| ---");
    table.columns().forEach(c -> out.append(" | ---:"));
    out.append(" |\n");
    for (ReportTable.Row row : table.rows()) {
      out.append("| ").append(escaped(row.name()));
      row.values().forEach(v -> out.append(" | ").append(escaped(TableFormat.share(v))));
      out.append(" |\n");
    }
    return out.toString();
  }

  /** A backslash takes the meaning from any punctuation. */
  private static String escaped(String text) {
    return TableFormat.oneLine(text).replaceAll("[\\\\`*_{}\\[\\]<>|~&#$]", "\\\\$0");
  }
}
