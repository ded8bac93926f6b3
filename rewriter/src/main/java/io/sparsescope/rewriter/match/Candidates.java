package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the patterns of a rule list may select in a graph. */
public final class Candidates {
  private Candidates() {}

  /** Every output of every node, subgraphs included, in file order. */
  public static List<Candidate> activations(Graph graph, Layers layers) {
    List<Candidate> all = new ArrayList<>();
    for (Node node : graph.allNodes()) {
      boolean primary = true;
      for (String output : node.proto().getOutputList()) {
        if (!output.isEmpty()) {
          all.add(new Candidate(node, output, primary, layerEndingIn(node, output, layers)));
          primary = false;
        }
      }
    }
    return all;
  }

  /**
   * First outputs of the nodes of local functions, by {@code function/node}; a pattern may select
   * them, but nothing can be done there, since a function serves all its callers.
   */
  public static List<Candidate> functions(List<FunctionProto> functions) {
    List<Candidate> all = new ArrayList<>();
    for (FunctionProto f : functions) {
      for (NodeProto n : f.getNodeList()) {
        List<String> outputs = n.getOutputList().stream().filter(o -> !o.isEmpty()).toList();
        if (!outputs.isEmpty()) {
          String own = n.getName().isEmpty() ? outputs.get(0) : n.getName();
          Node node = new Node(f.getName() + "/" + own, all.size(), n, Optional.empty());
          String layer = Layers.isMainOperator(node) ? node.name() : "";
          all.add(new Candidate(node, outputs.get(0), true, layer));
        }
      }
    }
    return all;
  }

  /** Nodes in subgraphs are in no layer; their main nodes stand for themselves. */
  private static String layerEndingIn(Node node, String output, Layers layers) {
    if (node.parent().isPresent()) {
      return Layers.isMainOperator(node) ? node.name() : "";
    }
    return layers.endingIn(output).map(Layer::name).orElse("");
  }

  /**
   * A layer's weight, by the weight's own name and by the main node's output, so that a {@code
   * tensor:} term may name either.
   */
  public static Stream<Candidate> weight(Layer layer, Weight weight) {
    return Stream.concat(
            Stream.of(weight.name()),
            layer.mainNode().proto().getOutputList().stream().filter(o -> !o.isEmpty()).limit(1))
        .map(t -> new Candidate(layer.mainNode(), t, true, layer.name()));
  }

  /** A layer as a whole, which block patterns select. */
  public static Candidate layer(Layer layer) {
    return new Candidate(layer.mainNode(), layer.activation(), true, layer.name());
  }
}
