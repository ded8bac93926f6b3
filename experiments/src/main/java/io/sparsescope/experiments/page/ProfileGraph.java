package io.sparsescope.experiments.page;

import io.sparsescope.experiments.page.LayerGraph.Edge;
import io.sparsescope.experiments.page.LayerGraph.Vertex;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a {@link LayerGraph} of a profile whose model is not at hand: its activations one after
 * another, which is what it knows. Bytes are those of a run.
 */
final class ProfileGraph {
  private ProfileGraph() {}

  static LayerGraph of(ModelProfile model, String name, int profile) {
    Map<String, Long> weights = new HashMap<>();
    model.weights().forEach(w -> weights.merge(w.layer(), w.elements(), Long::sum));
    List<Vertex> vertices = new ArrayList<>();
    List<Edge> edges = new ArrayList<>();
    for (TapProfile tap : model.taps()) {
      if (tap.kind() != TapKind.ACTIVATION) {
        continue;
      }
      int place = vertices.size();
      long held = weights.getOrDefault(tap.layer(), 0L);
      boolean layer = !tap.layer().isEmpty();
      vertices.add(
          new Vertex(
              layer ? tap.layer() : tap.node(),
              tap.layer(),
              tap.block(),
              tap.op(),
              tap.tensor(),
              held,
              weights.isEmpty() ? 1 : held,
              layer ? LayerPattern.of(tap.layer()) : ""));
      edges.add(edge(tap, place));
    }
    if (!edges.isEmpty()) {
      edges.remove(edges.size() - 1);
    }
    return new LayerGraph(name, profile, "run", vertices, edges);
  }

  private static Edge edge(TapProfile tap, int place) {
    long elements = tap.runs() == 0 ? 0 : Math.round((double) tap.elements() / tap.runs());
    long dense = (elements * bits(tap.type()) + 7) / 8;
    long sent =
        tap.sparsity() == null ? dense : LayerGraph.sentBytes(elements, dense, tap.sparsity());
    String shape = elements + " elements";
    return new Edge(place, place + 1, tap.tensor(), shape, dense, sent, tap.sparsity());
  }

  private static int bits(String type) {
    for (ElementType known : ElementType.values()) {
      if (known.label().equals(type)) {
        return known.bits();
      }
    }
    return ElementType.FLOAT.bits();
  }
}
