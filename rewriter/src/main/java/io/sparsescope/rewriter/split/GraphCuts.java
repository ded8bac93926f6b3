package io.sparsescope.rewriter.split;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Constants;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The places at which a graph can be cut: before each of its nodes, in file order, which is a
 * topological one. A cut is crossed by the tensors that are there before it (inputs of the graph,
 * outputs of earlier nodes) and read behind it or wanted at the end. Constants never cross, wanted
 * ones included: what computes them belongs to every part that reads them.
 *
 * <p>Immutable.
 */
public final class GraphCuts {
  private final Constants constants;
  private final List<Node> nodes;

  /** Tensors that may cross, in the order in which they come to be: place of the producer. */
  private final Map<String, Integer> made = new LinkedHashMap<>();

  /** Place of the last reader; the number of nodes for tensors that are wanted at the end. */
  private final Map<String, Integer> needed = new HashMap<>();

  /** Nodes that compute a tensor which is not constant, by the tensors that they read. */
  private final Map<String, List<Integer>> readers = new HashMap<>();

  /**
   * @param graph a graph whose nodes are in topological order
   * @param wanted tensors that are wanted at the end, wherever they are computed
   */
  public GraphCuts(Graph graph, Collection<String> wanted) {
    constants = new Constants(graph);
    nodes = graph.nodes();
    for (ValueInfoProto input : graph.inputs()) {
      if (!constants.contains(input.getName())) {
        made.put(input.getName(), -1);
      }
    }
    for (Node node : nodes) {
      for (String output : node.proto().getOutputList()) {
        if (!output.isEmpty() && !constants.contains(output)) {
          made.put(output, node.index());
        }
      }
    }
    collectReaders(graph);
    for (String tensor : wanted) {
      needed.put(tensor, nodes.size());
    }
  }

  private void collectReaders(Graph graph) {
    List<String> tensors = new ArrayList<>(graph.initializers().keySet());
    graph.inputs().forEach(input -> tensors.add(input.getName()));
    nodes.forEach(node -> tensors.addAll(node.proto().getOutputList()));
    for (String tensor : tensors) {
      for (Node reader : graph.consumers(tensor)) {
        readers.computeIfAbsent(tensor, t -> new ArrayList<>()).add(reader.index());
        if (!isConstant(reader)) {
          needed.merge(tensor, reader.index(), Math::max);
        }
      }
    }
  }

  private boolean isConstant(Node node) {
    return node.proto().getOutputList().stream()
        .allMatch(output -> output.isEmpty() || constants.contains(output));
  }

  /** Number of places: 0 lies before the first node, this one behind the last. */
  public int end() {
    return nodes.size();
  }

  /**
   * The tensors that cross a cut, in the order in which they are computed. At 0 these are the
   * inputs of the graph that are read at all.
   *
   * @param place of the node before which the cut lies, from 0 to {@link #end}
   */
  public List<String> crossing(int place) {
    List<String> tensors = new ArrayList<>();
    made.forEach(
        (tensor, producer) -> {
          if (producer < place && needed.getOrDefault(tensor, -1) >= place) {
            tensors.add(tensor);
          }
        });
    return tensors;
  }

  /**
   * The last place before which nothing depends on the given tensors, through constants or not: the
   * first node that reads one; {@link #end} if none does.
   *
   * @param tensors initializers, constants or others
   */
  public int beforeReadersOf(Collection<String> tensors) {
    int first = end();
    Set<String> seen = new HashSet<>(tensors);
    List<String> open = new ArrayList<>(seen);
    for (int i = 0; i < open.size(); i++) {
      for (int reader : readers.getOrDefault(open.get(i), List.of())) {
        if (!isConstant(nodes.get(reader))) {
          first = Math.min(first, reader);
          continue;
        }
        for (String output : nodes.get(reader).proto().getOutputList()) {
          if (!output.isEmpty() && seen.add(output)) {
            open.add(output);
          }
        }
      }
    }
    return first;
  }
}
