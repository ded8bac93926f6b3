package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.Ops;
import io.sparsescope.rewriter.transform.ThresholdNodes;

/**
 * Thresholds on what nodes produce. The producer's output gets another name and the inserted nodes
 * produce the old one, so consumers, subgraphs and graph outputs need no change.
 */
final class ActivationThresholds {
  private final Workspace w;

  ActivationThresholds(Workspace workspace) {
    w = workspace;
  }

  void place(Node node, String tensor, ThresholdRule rule) {
    ElementType type =
        w.graph().type(tensor).map(TensorType::element).orElse(ElementType.UNDEFINED);
    String reason = reasonAgainst(type);
    if (!reason.isEmpty()) {
      w.skipped().add(new Skip(node.name(), tensor, reason));
      return;
    }
    String dense = w.names().take(Rewrite.PREFIX + "dense/" + tensor);
    String input = "";
    Ops ops = w.ops().under("threshold/" + tensor);
    if (rule.dynamic()) {
      w.requireOverridable(node.name());
      input = w.names().take(Rewrite.PREFIX + "threshold/" + tensor);
      w.edit().addOverridable(ThresholdNodes.threshold(input, type, rule.threshold()));
      ThresholdNodes.emitDynamic(ops, dense, tensor, type, input, rule.orEqual());
    } else {
      ThresholdNodes.emit(ops, dense, tensor, type, rule.threshold(), rule.orEqual());
    }
    int output = node.proto().getOutputList().indexOf(tensor);
    w.edit().editNode(node, n -> n.toBuilder().setOutput(output, dense).build());
    w.edit().insertAfter(node, ops.nodes());
    w.thresholds()
        .add(
            new Threshold(
                node.name(), tensor, "activation", rule.threshold(), rule.orEqual(), input, false));
  }

  private String reasonAgainst(ElementType type) {
    if (w.opset() < ThresholdNodes.FIRST_OPSET) {
      return "opset " + w.opset() + " is too old for a threshold, which needs 7";
    }
    if (type == ElementType.UNDEFINED) {
      return "its element type is not known";
    }
    return type.isFloat() ? "" : "a threshold is for floats, not for " + type.label();
  }
}
