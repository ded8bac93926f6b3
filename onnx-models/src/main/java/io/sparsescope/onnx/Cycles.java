package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks for cycles in a list of nodes. */
final class Cycles {
  private Cycles() {}

  /** A node that depends on its own output, if there is one. */
  static Optional<NodeProto> find(List<NodeProto> nodes) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        producers.putIfAbsent(output, i);
      }
    }
    List<List<Integer>> before = new ArrayList<>();
    List<List<Integer>> behind = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      before.add(new ArrayList<>(2));
      behind.add(new ArrayList<>(2));
    }
    for (int i = 0; i < nodes.size(); i++) {
      for (String name : Subgraphs.reads(nodes.get(i))) {
        Integer producer = producers.get(name);
        if (producer != null) {
          before.get(i).add(producer);
          behind.get(producer).add(i);
        }
      }
    }
    Set<Integer> left = unordered(before, behind);
    if (left.isEmpty()) {
      return Optional.empty();
    }
    // Each node that is left waits for another that is left: going back ends in a cycle.
    Set<Integer> seen = new HashSet<>();
    int at = left.iterator().next();
    while (seen.add(at)) {
      at = before.get(at).stream().filter(left::contains).findFirst().orElseThrow();
    }
    return Optional.of(nodes.get(at));
  }

  /** Nodes that cannot be put behind all they read. */
  private static Set<Integer> unordered(List<List<Integer>> before, List<List<Integer>> behind) {
    int[] missing = new int[before.size()];
    ArrayDeque<Integer> ready = new ArrayDeque<>();
    Set<Integer> left = new HashSet<>();
    for (int i = 0; i < missing.length; i++) {
      missing[i] = before.get(i).size();
      left.add(i);
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    while (!ready.isEmpty()) {
      int node = ready.remove();
      left.remove(node);
      for (int next : behind.get(node)) {
        if (--missing[next] == 0) {
          ready.add(next);
        }
      }
    }
    return left;
  }
}
