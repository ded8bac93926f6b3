package io.sparsescope.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
final class Table {
  private static final int WIDEST = 60;

  private final List<String[]> rows = new ArrayList<>();

  Table(String... header) {
    rows.add(header);
  }

  void row(Object... cells) {
    rows.add(
        Arrays.stream(cells).map(cell -> shorten(String.valueOf(cell))).toArray(String[]::new));
  }

  void print(PrintWriter to) {
    int columns = rows.get(0).length;
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    Arrays.fill(numeric, rows.size() > 1);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns; c++) {
        String cell = rows.get(r)[c];
        widths[c] = Math.max(widths[c], cell.length());
        numeric[c] &= r == 0 || isNumber(cell);
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String padding = " ".repeat(widths[c] - row[c].length());
        line.append(c == 0 ? "" : "  ");
        line.append(numeric[c] ? padding + row[c] : row[c] + padding);
      }
      to.println(line.toString().stripTrailing());
    }
  }

  private static boolean isNumber(String cell) {
    return cell.isEmpty() || cell.matches("-|-?[0-9][0-9.,]*( ?%)?");
  }

  /** Long names lose their middle: both ends tell more. */
  private static String shorten(String cell) {
    if (cell.length() <= WIDEST) {
      return cell;
    }
    int tail = WIDEST * 2 / 3;
    return cell.substring(0, WIDEST - tail - 1) + "…" + cell.substring(cell.length() - tail);
  }
}
