package io.sparsescope.agent.session;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Tap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The taps of a rewritten model and the graph outputs they are read from.
 *
 * @param taps in the order of the profile
 * @param inGraph how many of them, the first ones, the graph counts
 * @param outputs names of the outputs to read: that of the counts, if any are made in the graph,
 *     then that of the channels, if any are counted, then a tensor for each of the other taps
 * @param hidden those of them that the rewrite added; the others were the model's before
 */
record Taps(List<Tap> taps, int inGraph, List<String> outputs, List<String> hidden) {
  static final Taps NONE = new Taps(List.of(), 0, List.of(), List.of());

  /**
   * @param isOwn whether the model has an output of that name without the rewrite
   */
  static Taps of(List<Tap> taps, Predicate<String> isOwn) {
    int inGraph = (int) taps.stream().filter(Tap::countedInGraph).count();
    List<String> outputs = new ArrayList<>();
    if (inGraph > 0) {
      outputs.add(Rewrite.COUNTS);
    }
    if (taps.stream().anyMatch(tap -> tap.channels() > 0)) {
      outputs.add(Rewrite.CHANNELS);
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
    return new Taps(
        List.copyOf(taps),
        inGraph,
        List.copyOf(outputs),
        outputs.stream().filter(isOwn.negate()).toList());
  }

  boolean isEmpty() {
    return taps.isEmpty();
  }

  /** How many channels are counted, of all taps together. */
  int channels() {
    return taps.stream().mapToInt(Tap::channels).sum();
  }

  /** Whether it shows only in a run what some of the outputs are. */
  boolean hasUnknownTypes() {
    return taps.stream().anyMatch(tap -> tap.type() == ElementType.UNDEFINED);
  }
}
