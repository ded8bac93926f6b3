package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/** A main node and what follows it, as far as it was followed. */
final class Chain {
  /** Nodes that an activation or normalization takes at most when written out. */
  private static final int LONGEST_DETOUR = 16;

  private final Graph graph;
  private final Constants constants;
  private final Node main;
  private final List<Node> nodes = new ArrayList<>();

  /** Neutral nodes passed since the last that counts; they join when another follows. */
  private final List<Node> pending = new ArrayList<>();

  private final Set<Integer> visited = new HashSet<>();
  private String end;
  private String tip;
  private Optional<Node> join = Optional.empty();
  private boolean stopped;

  Chain(Graph graph, Constants constants, Node main, String output) {
    this.graph = graph;
    this.constants = constants;
    this.main = main;
    this.end = output;
    this.tip = output;
    nodes.add(main);
  }

  Node main() {
    return main;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** The last tensor that counts. */
  String end() {
    return end;
  }

  /** The residual addition that the chain waits at. */
  Optional<Node> join() {
    return join;
  }

  /** Ends the wait: the chain goes on behind the addition, or stops before it. */
  void settle(boolean owner) {
    if (owner) {
      take(List.of(join.orElseThrow()), firstOutput(join.orElseThrow()));
    } else {
      stopped = true;
    }
    join = Optional.empty();
  }

  /** Goes on to a residual addition or to the end. */
  void follow() {
    while (!stopped && join.isEmpty()) {
      stopped = !step();
    }
  }

  private boolean step() {
    if (graph.isOutput(tip)) {
      return false;
    }
    List<Node> consumers = graph.consumers(tip);
    if (consumers.size() != 1) {
      return consumers.size() > 1 && detour();
    }
    Node next = consumers.get(0);
    int computed = computedInputs(next);
    // Visited again only in a graph that goes round in circles.
    if (firstOutput(next).isEmpty() || !visited.add(next.index())) {
      return false;
    }
    if (Operators.isNeutral(next) && computed == 1 && next.proto().getInput(0).equals(tip)) {
      pending.add(next);
      tip = firstOutput(next);
      return true;
    }
    if ((Operators.isElementwise(next) && computed == 1) || isRescaling(next)) {
      take(List.of(next), firstOutput(next));
      return true;
    }
    if (Operators.isJoin(next)) {
      join = Optional.of(next);
      return true;
    }
    return false;
  }

  /**
   * Whether the node gives the integers of a MatMulInteger or ConvInteger back their scale, which
   * dynamic quantization computes from the layer's input.
   */
  private boolean isRescaling(Node next) {
    return main.op().endsWith("Integer") && nodes.size() == 1 && next.op().equals("Mul");
  }

  private void take(List<Node> taken, String output) {
    nodes.addAll(pending);
    pending.clear();
    nodes.addAll(taken);
    tip = output;
    end = output;
  }

  /**
   * Follows several consumers whose element-wise results, computed from the tip alone, meet again
   * in one tensor.
   */
  private boolean detour() {
    Set<String> known = new HashSet<>(Set.of(tip));
    Set<Integer> seen = new HashSet<>();
    PriorityQueue<Node> queue = new PriorityQueue<>(Comparator.comparingInt(Node::index));
    queue.addAll(graph.consumers(tip));
    List<Node> region = new ArrayList<>();
    while (!queue.isEmpty()) {
      Node n = queue.poll();
      if (!seen.add(n.index())) {
        continue;
      }
      if (region.size() == LONGEST_DETOUR || !staysInside(n, known)) {
        return false;
      }
      region.add(n);
      String output = firstOutput(n);
      known.add(output);
      if (queue.stream().allMatch(q -> seen.contains(q.index()))) {
        take(region, output);
        return true;
      }
      if (graph.isOutput(output)) {
        return false;
      }
      queue.addAll(graph.consumers(output));
    }
    return false;
  }

  private boolean staysInside(Node n, Set<String> known) {
    boolean operator =
        Operators.isElementwise(n) || Operators.isNeutral(n) || n.op().equals("ReduceMean");
    return operator
        && !firstOutput(n).isEmpty()
        && n.proto().getOutputList().stream().filter(o -> !o.isEmpty()).count() == 1
        && n.proto().getInputList().stream()
            .allMatch(i -> i.isEmpty() || known.contains(i) || constants.contains(i));
  }

  private static String firstOutput(Node node) {
    return node.proto().getOutputCount() == 0 ? "" : node.proto().getOutput(0);
  }

  private int computedInputs(Node node) {
    return (int)
        node.proto().getInputList().stream()
            .filter(i -> !i.isEmpty() && !constants.contains(i))
            .distinct()
            .count();
  }
}
