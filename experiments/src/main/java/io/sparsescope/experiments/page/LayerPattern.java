package io.sparsescope.experiments.page;

/** Writes the pattern that selects a layer, for a rule file. */
final class LayerPattern {
  private LayerPattern() {}

  /**
   * A {@code layer:} pattern. Characters that mean something to a glob are taken as they are; white
   * space, which ends a pattern's term, is matched as any one character.
   */
  static String of(String layer) {
    StringBuilder glob = new StringBuilder("layer:");
    layer
        .codePoints()
        .forEach(
            c -> {
              if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                glob.append('?');
              } else {
                if ("*?{},\\".indexOf(c) >= 0) {
                  glob.append('\\');
                }
                glob.appendCodePoint(c);
              }
            });
    return glob.toString();
  }
}
