package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.transform.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Thresholds and other transforms on what nodes produce. The producer's output gets another name
 * and the inserted nodes produce the old one, so consumers, subgraphs and graph outputs need no
 * change.
 */
final class ActivationTransforms {
  private final Workspace w;
  private final Placement placement;

  /** Kind of rule by tensor. */
  private final Map<String, String> placed = new HashMap<>();

  ActivationTransforms(Workspace workspace) {
    w = workspace;
    placement = new Placement(workspace);
  }

  /**
   * @param kind "activation" or "intrinsic"
   */
  void place(Node node, String tensor, Rule rule, String kind) {
    Optional<TensorType> known = w.graph().type(tensor);
    ElementType type = known.map(TensorType::element).orElse(ElementType.UNDEFINED);
    String reason = Placement.reasonAgainst(rule, type);
    if (!reason.isEmpty()) {
      skip(node, tensor, reason);
      return;
    }
    OptionalInt rank = known.map(TensorType::rank).orElse(OptionalInt.empty());
    Target target = new Target(tensor, type, rank, List.of(), false, OptionalInt.of(-1));
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
    Optional<Placement.Made> made =
        placement.make(node.name(), rule, target, tensor, dense, tensor);
    if (made.isPresent()) {
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
