package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The gradients that a training step's model computes: tensors named {@code gradient:TENSOR} after
 * the tensor that they are the gradient of. Those of parameters, which the model takes as inputs,
 * are grouped like the weights they belong to (paper, section 2.1): a pattern selects one by the
 * parameter's name, by the operator that reads the parameter, by the layer that holds it. Those of
 * tensors between are selected by patterns that name them in full only, {@code gradient:conv1/**},
 * which reach the parameters' too.
 */
public final class GradientTensors {
  /** What the names of gradients begin with. */
  public static final String PREFIX = "gradient:";

  /**
   * A gradient.
   *
   * @param tensor its name
   * @param of the tensor that it is the gradient of
   * @param producer the node that makes it
   * @param reader of a parameter's: the node of the forward pass that reads the parameter; empty
   *     for another tensor's
   * @param candidates what rules select it by
   */
  public record Gradient(
      String tensor, String of, Node producer, Optional<Node> reader, List<Candidate> candidates) {

    public Gradient {
      candidates = List.copyOf(candidates);
    }

    /** What a rule with this pattern selects it by. */
    public List<Candidate> candidates(Pattern pattern) {
      boolean full = pattern.asksFor(PREFIX);
      return candidates.stream().filter(c -> c.tensor().startsWith(PREFIX) == full).toList();
    }
  }

  private final Graph graph;
  private final Layers layers;
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> forward = new HashSet<>();

  private GradientTensors(Graph graph, Layers layers) {
    this.graph = graph;
    this.layers = layers;
    graph.inputs().stream().map(ValueInfoProto::getName).forEach(inputs::add);
    inputs.addAll(graph.initializers().keySet());
    for (Node n : graph.nodes()) {
      forward.addAll(n.proto().getOutputList());
    }
  }

  /** All gradients of a graph, in the order of the nodes that make them. */
  public static List<Gradient> of(Graph graph, Layers layers) {
    return new GradientTensors(graph, layers).find();
  }

  private List<Gradient> find() {
    List<Gradient> found = new ArrayList<>();
    for (Node producer : graph.nodes()) {
      for (String tensor : producer.proto().getOutputList()) {
        String of = tensor.startsWith(PREFIX) ? tensor.substring(PREFIX.length()) : "";
        if (inputs.contains(of)) {
          found.add(ofParameter(tensor, of, producer));
        } else if (forward.contains(of)) {
          Candidate full = candidate(producer, PREFIX + Glob.normalize(of), tensor, "");
          found.add(new Gradient(tensor, of, producer, Optional.empty(), List.of(full)));
        }
      }
    }
    return found;
  }

  private Gradient ofParameter(String tensor, String parameter, Node producer) {
    Node reader =
        graph.consumers(parameter).stream()
            .filter(n -> !n.name().startsWith(PREFIX))
            .findFirst()
            .orElse(producer);
    String layer = layers.holding(reader).map(Layer::name).orElse("");
    List<Candidate> candidates =
        List.of(
            candidate(reader, parameter, parameter, layer),
            candidate(reader, PREFIX + Glob.normalize(parameter), tensor, layer));
    return new Gradient(tensor, parameter, producer, Optional.of(reader), candidates);
  }

  private static Candidate candidate(Node like, String name, String tensor, String layer) {
    Node named = new Node(name, like.index(), like.proto(), like.parent());
    return new Candidate(named, tensor, true, layer);
  }
}
