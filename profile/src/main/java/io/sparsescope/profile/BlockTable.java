package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sums taps up to blocks. */
final class BlockTable {
  private BlockTable() {}

  /**
   * @param layersOf names of blocks, each with its layers in graph order
   * @param taps all taps; those that name a block not in the table belong to it all the same
   */
  static List<BlockProfile> profile(Map<String, List<String>> layersOf, List<TapProfile> taps) {
    Map<String, List<String>> table = new LinkedHashMap<>(layersOf);
    for (TapProfile tap : taps) {
      if (!tap.block().isEmpty()) {
        table.putIfAbsent(tap.block(), List.of());
      }
    }
    List<BlockProfile> blocks = new ArrayList<>();
    table.forEach((block, layers) -> blocks.add(profile(block, layers, taps)));
    return blocks;
  }

  private static BlockProfile profile(String block, List<String> layers, List<TapProfile> taps) {
    TapProfile last = null;
    int lastPlace = -1;
    List<TapProfile> members = new ArrayList<>();
    for (TapProfile tap : taps) {
      int place = tap.layer().isEmpty() ? -1 : layers.indexOf(tap.layer());
      if (place < 0 && !tap.block().equals(block)) {
        continue;
      }
      members.add(tap);
      // Graph order is the table's; taps of one layer, or of none, are in graph order themselves.
      if (tap.kind() == TapKind.ACTIVATION && place >= lastPlace) {
        last = tap;
        lastPlace = place;
      }
    }
    Counts weights = Total.sumWeights(members);
    return new BlockProfile(
        block,
        last == null ? "" : last.tensor(),
        last == null ? null : last.sparsity(),
        weights.elements() == 0 ? null : (Double) weights.sparsity());
  }
}
