package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.rules.TransformRule;
import io.sparsescope.rewriter.transform.Ops;
import io.sparsescope.rewriter.transform.Target;
import io.sparsescope.rewriter.transform.ThresholdNodes;
import io.sparsescope.rewriter.transform.TransformNodes;
import io.sparsescope.rewriter.transform.Transforms;
import java.util.Optional;

/** What a rule does to a tensor, whatever place the tensor has in the model. */
final class Placement {
  private final Workspace w;
  private final boolean byProduct;

  Placement(Workspace workspace) {
    this(workspace, false);
  }

  private Placement(Workspace workspace, boolean byProduct) {
    w = workspace;
    this.byProduct = byProduct;
  }

  /** Where zeros may be negative, which lets thresholds be cheaper. */
  static Placement ofGradients(Workspace workspace) {
    return new Placement(workspace, true);
  }

  /**
   * What comes of a rule.
   *
   * @param ops the nodes
   * @param input the graph input that holds a threshold, "" if there is none
   */
  record Made(Ops ops, String input) {}

  /** Why the rule's nodes cannot be made, "" if they can. */
  String reasonAgainst(Rule rule, Target target) {
    if (rule instanceof TransformRule t) {
      return Transforms.parse(t.transform()).reasonAgainst(target, w.opset());
    }
    return w.opset() < ThresholdNodes.FIRST_OPSET
        ? "opset " + w.opset() + " is too old for a threshold, which needs 7"
        : "";
  }

  /** Why nothing can be done to tensors of a type, "" if it can. */
  static String reasonAgainst(Rule rule, ElementType type) {
    if (type.isFloat()) {
      return "";
    }
    String what = rule instanceof TransformRule t ? t.transform() : "a threshold";
    return type == ElementType.UNDEFINED
        ? "its element type is not known"
        : what + " is for floats, not for " + type.label();
  }

  /**
   * Makes the nodes that a rule asks for.
   *
   * @param node where, for messages
   * @param at the tensor's name, of which names are made
   * @return empty if the rule leaves the tensor as it is
   */
  Optional<Made> make(String node, Rule rule, Target target, String at, String x, String output) {
    if (rule instanceof TransformRule t) {
      Ops ops = w.ops().under("transform/" + at);
      return TransformNodes.emit(ops, Transforms.parse(t.transform()), target, x, output)
          ? Optional.of(new Made(ops, ""))
          : Optional.empty();
    }
    ThresholdRule t = (ThresholdRule) rule;
    Ops ops = w.ops().under("threshold/" + at);
    String input = "";
    if (t.dynamic()) {
      w.requireOverridable(node);
      input = w.names().take(Rewrite.PREFIX + "threshold/" + at);
      w.edit().addOverridable(ThresholdNodes.threshold(input, target.type(), t.threshold()));
      ThresholdNodes.emitDynamic(ops, x, output, target.type(), input, t.orEqual());
    } else if (byProduct && ThresholdNodes.canMultiply(ops)) {
      ThresholdNodes.emitProduct(ops, x, output, target, t.threshold(), t.orEqual());
    } else {
      ThresholdNodes.emit(ops, x, output, target.type(), t.threshold(), t.orEqual());
    }
    return Optional.of(new Made(ops, input));
  }

  /** Notes that a rule was followed. */
  void placed(String node, String tensor, String kind, Rule rule, String input) {
    if (rule instanceof ThresholdRule t) {
      w.thresholds()
          .add(new Threshold(node, tensor, kind, t.threshold(), t.orEqual(), input, t.bake()));
    } else {
      TransformRule t = (TransformRule) rule;
      w.transformations().add(new Transformation(node, tensor, kind, t.transform(), t.bake()));
    }
  }
}
