package io.sparsescope.experiments.report;

import java.util.List;
import java.util.Locale;

/** How tables are written. */
public enum TableFormat {
  /** For terminals: columns as wide as their widest cell. */
  TEXT(new TextTables()),
  /** RFC 4180, shares as they are: for programs. */
  CSV(new CsvTables()),
  /** Tables as GitHub's Markdown has them. */
  MARKDOWN(new MarkdownTables()),
  /** The table environment of LaTeX, without packages. */
  LATEX(new LatexTables());

  /** Writes tables; lines end in {@code \n}. */
  interface Writer {
    String write(List<ReportTable> tables);
  }

  private final Writer writer;

  TableFormat(Writer writer) {
    this.writer = writer;
  }

  /** The tables one after another; names are escaped as the format asks. */
  public String write(List<ReportTable> tables) {
    return writer.write(tables);
  }

  /** A share with three decimals, never 0.000 or 1.000 for what is not quite so; "-" for null. */
  static String share(Double value) {
    if (value == null) {
      return "-";
    }
    String text = String.format(Locale.ROOT, "%.3f", value);
    if (text.equals("0.000") && value > 0) {
      return "<0.001";
    }
    return text.equals("1.000") && value < 1 ? ">0.999" : text;
  }

  /** Names of models may hold anything; a table's cell is one line. */
  static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
