package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors want a gradient: those of float elements that lie on a path from a parameter to the
 * tensor that the loss judges, both included. Integers and truth values end a path.
 */
final class Reach {
  private final Graph graph;
  private final Map<Integer, Set<String>> reads = new HashMap<>();
  private final Set<String> wanted = new HashSet<>();

  Reach(Graph graph, Collection<String> parameters, String end) {
    this.graph = graph;
    graph.allNodes().forEach(this::addReads);
    Set<String> dependent = new HashSet<>(parameters);
    for (Node node : graph.nodes()) {
      if (reads.get(node.index()).stream().anyMatch(dependent::contains)) {
        node.proto().getOutputList().stream().filter(this::mayBeFloat).forEach(dependent::add);
      }
    }
    Set<String> needed = new HashSet<>(Set.of(end));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).proto().getOutputList().stream()
          .anyMatch(o -> needed.contains(o) && dependent.contains(o))) {
        needed.addAll(reads.get(i));
      }
    }
    wanted.addAll(dependent);
    wanted.retainAll(needed);
    wanted.remove("");
  }

  /** What a node of a body reads, the node around it reads, too. */
  private void addReads(Node node) {
    Node outermost = node;
    while (outermost.parent().isPresent()) {
      outermost = outermost.parent().get();
    }
    reads
        .computeIfAbsent(outermost.index(), n -> new HashSet<>())
        .addAll(node.proto().getInputList());
  }

  private boolean mayBeFloat(String tensor) {
    return graph
        .type(tensor)
        .map(t -> t.element().isFloat() || t.element() == ElementType.UNDEFINED)
        .orElse(true);
  }

  /** All tensors that want a gradient. */
  Set<String> wanted() {
    return wanted;
  }

  boolean wants(String tensor) {
    return wanted.contains(tensor);
  }

  /** Whether gradients pass the node: something it reads and one of its outputs want one. */
  boolean passes(Node node) {
    return reads.get(node.index()).stream().anyMatch(wanted::contains)
        && node.proto().getOutputList().stream().anyMatch(wanted::contains);
  }
}
