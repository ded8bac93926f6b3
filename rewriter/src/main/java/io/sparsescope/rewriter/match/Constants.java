package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which tensors of a graph do not depend on its inputs, and where their values lie. An initializer
 * is constant even where callers may override it: it is a weight all the same.
 */
public final class Constants {
  private static final Set<String> RANDOM =
      Set.of("RandomNormal", "RandomUniform", "Multinomial", "Bernoulli");

  /** Follows our own transforms too, which a rewritten model has between weight and node. */
  private static final String OURS = "sparsescope/";

  /**
   * Where a constant's values lie.
   *
   * @param name of the initializer, or the output of the node that makes the values
   * @param quantized whether a DequantizeLinear lies between
   */
  public record Source(String name, Optional<Initializer> initializer, boolean quantized) {}

  private final Graph graph;
  private final Set<String> constant = new HashSet<>();

  /** Looks at all nodes once. */
  public Constants(Graph graph) {
    this.graph = graph;
    constant.addAll(graph.initializers().keySet());
    for (Node node : graph.nodes()) {
      if (isConstant(node)) {
        constant.addAll(node.proto().getOutputList());
      }
    }
    constant.remove("");
  }

  /** Whether the tensor has the same value in every run. */
  public boolean contains(String tensor) {
    return constant.contains(tensor);
  }

  /** Follows a constant back through nodes that only view it; empty if it is computed otherwise. */
  public Optional<Source> source(String tensor) {
    String at = tensor;
    boolean quantized = false;
    while (constant.contains(at)) {
      Initializer initializer = graph.initializers().get(at);
      if (initializer != null) {
        return Optional.of(new Source(at, Optional.of(initializer), quantized));
      }
      Node producer = graph.producer(at).orElseThrow();
      Optional<String> behind = viewed(producer);
      if (behind.isEmpty()) {
        boolean made = producer.op().equals("Constant") || producer.op().equals("ConstantOfShape");
        return made ? Optional.of(new Source(at, Optional.empty(), quantized)) : Optional.empty();
      }
      quantized |= producer.op().equals("DequantizeLinear");
      at = behind.get();
    }
    return Optional.empty();
  }

  private Optional<String> viewed(Node node) {
    String weight = ofOurWeight(node);
    if (!weight.isEmpty()) {
      return Optional.of(weight);
    }
    int input = -1;
    if (Operators.isConstantView(node)) {
      input = 0;
    } else if (node.proto().getName().startsWith(OURS)) {
      input = node.op().equals("Where") ? 2 : node.op().equals("Mul") ? 0 : -1;
    }
    return input < 0 || input >= node.proto().getInputCount()
        ? Optional.empty()
        : Optional.of(node.proto().getInput(input));
  }

  /** The tensor that our nodes have made another weight of, "" if they have not. */
  private String ofOurWeight(Node node) {
    String output = node.proto().getOutputCount() == 1 ? node.proto().getOutput(0) : "";
    boolean ours = node.proto().getName().startsWith(OURS) && output.startsWith(OURS + "weight/");
    String weight = ours ? output.substring((OURS + "weight/").length()) : "";
    return constant.contains(weight) ? weight : "";
  }

  private boolean isConstant(Node node) {
    if (RANDOM.contains(node.op())) {
      return false;
    }
    for (AttributeProto a : node.proto().getAttributeList()) {
      if (a.hasG() || a.getGraphsCount() > 0) {
        return false;
      }
    }
    return node.proto().getInputList().stream().allMatch(i -> i.isEmpty() || constant.contains(i));
  }
}
