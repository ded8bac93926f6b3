package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import java.util.ArrayList;
import java.util.List;
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
