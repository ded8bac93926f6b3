package io.sparsescope.agent.session;

import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Tap;
import java.util.ArrayList;
import java.util.List;

/**
 * The taps of a rewritten model and the graph outputs they are read from.
 *
 * @param taps in the order of the profile
 * @param inGraph how many of them, the first ones, the graph counts
 * @param outputs names of the outputs that the rewrite added: that of the counts, if any are made
 *     in the graph, then a tensor for each of the other taps
 */
record Taps(List<Tap> taps, int inGraph, List<String> outputs) {
  static final Taps NONE = new Taps(List.of(), 0, List.of());

  static Taps of(List<Tap> taps) {
    int inGraph = (int) taps.stream().filter(Tap::countedInGraph).count();
    List<String> outputs = new ArrayList<>();
    if (inGraph > 0) {
      outputs.add(Rewrite.COUNTS);
    }
    for (int i = 0; i < taps.size(); i++) {
      Tap tap = taps.get(i);
      if (tap.row() != (i < inGraph ? i : -1)) {
        throw new IllegalStateException("tap " + tap.tensor() + " is not in the order of its row");
      }
      if (!tap.countedInGraph()) {
        outputs.add(tap.output());
      }
    }
    return new Taps(List.copyOf(taps), inGraph, List.copyOf(outputs));
  }

  boolean isEmpty() {
    return taps.isEmpty();
  }
}
