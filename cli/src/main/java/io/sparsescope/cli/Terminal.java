package io.sparsescope.cli;

/** How wide output for people may be. */
final class Terminal {
  private static final int DEFAULT_WIDTH = 120;
  private static final int NARROWEST = 60;

  private Terminal() {}

  static int width() {
    String columns = System.getenv("COLUMNS");
    if (columns == null || !columns.matches("[0-9]{1,4}")) {
      return DEFAULT_WIDTH;
    }
    return Math.max(NARROWEST, Integer.parseInt(columns));
  }
}
