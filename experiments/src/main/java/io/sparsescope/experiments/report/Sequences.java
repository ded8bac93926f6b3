package io.sparsescope.experiments.report;

import java.util.ArrayList;
import java.util.List;

/** Joins lists that are in one order. */
final class Sequences {
  private Sequences() {}

  /**
   * All elements of both, each once: those of the first in their order, each of the others behind
   * the one that it follows in the second list.
   */
  static List<String> union(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    int place = 0;
    for (String s : second) {
      int at = all.indexOf(s);
      if (at < 0) {
        at = place;
        all.add(at, s);
      }
      place = at + 1;
    }
    return all;
  }
}
