package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.match.GradientTensors;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.transform.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/**
 * Thresholds and other transforms on what nodes produce, gradients among it. The producer's output
 * gets another name and the inserted nodes produce the old one, so consumers, subgraphs and graph
 * outputs need no change.
 */
final class ActivationTransforms {
  private static final String GRADIENT = "gradient";

  private final Workspace w;
  private final Placement placement;
  private final Placement gradients;

  /** Kind of rule by tensor. */
  private final Map<String, String> placed = new HashMap<>();

  ActivationTransforms(Workspace workspace) {
    w = workspace;
    placement = new Placement(workspace);
    gradients = Placement.ofGradients(workspace);
  }

  /**
   * @param kind "activation" or "intrinsic"
   */
  void place(Node node, String tensor, Rule rule, String kind) {
    place(
        node,
        tensor,
        rule,
        kind,
        (type, rank) -> new Target(tensor, type, rank, List.of(), false, OptionalInt.of(-1)));
  }

  /** A gradient: one of a parameter is one record, like the parameter. */
  void place(GradientTensors.Gradient gradient, Rule rule) {
    place(
        gradient.producer(),
        gradient.tensor(),
        rule,
        GRADIENT,
        (type, rank) -> WeightTargets.gradient(gradient, type, rank));
  }

  private void place(
      Node node,
      String tensor,
      Rule rule,
      String kind,
      BiFunction<ElementType, OptionalInt, Target> targets) {
    Optional<TensorType> known = w.graph().type(tensor);
    ElementType type = known.map(TensorType::element).orElse(ElementType.UNDEFINED);
    String reason = Placement.reasonAgainst(rule, type);
    if (!reason.isEmpty()) {
      skip(node, tensor, reason);
      return;
    }
    Target target = targets.apply(type, known.map(TensorType::rank).orElse(OptionalInt.empty()));
    reason = placement.reasonAgainst(rule, target);
    if (placed.containsKey(tensor)) {
      reason = "an " + placed.get(tensor) + " rule has it already";
    }
    if (!reason.isEmpty()) {
      skip(node, tensor, reason);
      return;
    }
    placed.put(tensor, kind);
    String dense = w.names().take(Rewrite.PREFIX + "dense/" + tensor);
    Placement making = kind.equals(GRADIENT) ? gradients : placement;
    Optional<Placement.Made> made = making.make(node.name(), rule, target, tensor, dense, tensor);
    if (made.isPresent()) {
      w.dense().put(tensor, dense);
      int output = node.proto().getOutputList().indexOf(tensor);
      w.edit().editNode(node, n -> n.toBuilder().setOutput(output, dense).build());
      w.edit().insertAfter(node, made.get().ops().nodes());
    }
    placement.placed(node.name(), tensor, kind, rule, made.map(Placement.Made::input).orElse(""));
  }

  private void skip(Node node, String tensor, String reason) {
    w.skipped().add(new Skip(node.name(), tensor, reason));
  }
}
