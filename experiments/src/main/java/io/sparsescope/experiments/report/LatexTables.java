package io.sparsescope.experiments.report;

import java.util.List;
import java.util.stream.Collectors;

/** LaTeX tables with two lines of heading where a group has several columns. */
final class LatexTables implements TableFormat.Writer {
  @Override
  public String write(List<ReportTable> tables) {
    return tables.stream().map(LatexTables::table).collect(Collectors.joining("\n"));
  }

  private static String table(ReportTable table) {
    StringBuilder out = new StringBuilder("\\begin{table}\n\\centering\n\\caption{");
    out.append(escaped(table.caption())).append("}\n\\begin{tabular}{l");
    out.append("r".repeat(table.columns().size())).append("}\n\\hline\n");
    heading(out, table);
    out.append("\\hline\n");
    for (ReportTable.Row row : table.rows()) {
      out.append(escaped(row.name()));
      row.values().forEach(v -> out.append(" & ").append(escaped(share(v))));
      out.append(" \\\\\n");
    }
    return out.append("\\hline\n\\end{tabular}\n\\end{table}\n").toString();
  }

  private static void heading(StringBuilder out, ReportTable table) {
    List<ReportTable.Column> columns = table.columns();
    if (columns.stream().allMatch(c -> c.label().isEmpty())) {
      out.append(table.head());
      columns.forEach(c -> out.append(" & ").append(escaped(c.group())));
      out.append(" \\\\\n");
      return;
    }
    for (int i = 0; i < columns.size(); ) {
      String group = columns.get(i).group();
      int width = 0;
      while (i + width < columns.size() && columns.get(i + width).group().equals(group)) {
        width++;
      }
      out.append(" & \\multicolumn{").append(width).append("}{c}{").append(escaped(group));
      out.append('}');
      i += width;
    }
    out.append(" \\\\\n").append(table.head());
    columns.forEach(c -> out.append(" & ").append(escaped(c.label())));
    out.append(" \\\\\n");
  }

  private static String share(Double value) {
    return value == null ? "--" : TableFormat.share(value);
  }

  /** Brackets and stars are braced, since a row's end takes those that follow it for its own. */
  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : TableFormat.oneLine(text).toCharArray()) {
      switch (c) {
        case '\\' -> out.append("\\textbackslash{}");
        case '~' -> out.append("\\textasciitilde{}");
        case '^' -> out.append("\\textasciicircum{}");
        case '<' -> out.append("\\textless{}");
        case '>' -> out.append("\\textgreater{}");
        case '|' -> out.append("\\textbar{}");
        case '{', '}', '$', '&', '#', '%', '_' -> out.append('\\').append(c);
        case '[', ']', '*' -> out.append('{').append(c).append('}');
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
