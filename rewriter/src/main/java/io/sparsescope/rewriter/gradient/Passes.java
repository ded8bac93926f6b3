package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Walks a model's nodes forwards, then backwards, and has each node's rule add its part. */
final class Passes {
  private final StepGraph step;
  private final GradientRules rules;
  private final Reach reach;
  private final List<Passed> passed = new ArrayList<>();

  private record Passed(NodeGradient node, GradientRule rule) {}

  Passes(StepGraph step, GradientRules rules, Reach reach) {
    this.step = step;
    this.rules = rules;
    this.reach = reach;
  }

  /** Adds the forward pass in training form. */
  void forward() {
    for (Node node : step.forwardNodes()) {
      Optional<GradientRule> rule = rules.of(Candidate.op(node));
      boolean passes = reach.passes(node);
      if (passes && rule.isEmpty()) {
        throw withoutRule(node);
      }
      if (passes || rule.filter(GradientRule::alwaysTrains).isPresent()) {
        NodeGradient context = new NodeGradient(step, node, reach.wanted());
        rule.orElseThrow().forward(context);
        if (passes) {
          requireFloat32(context);
          passed.add(new Passed(context, rule.get()));
        }
      } else {
        step.add(node.proto());
      }
    }
  }

  /** Adds the backward pass, once the loss has given its gradient. */
  void backward() {
    for (int i = passed.size() - 1; i >= 0; i--) {
      NodeGradient node = passed.get(i).node();
      if (node.hasGradient()) {
        node.beginBackward();
        passed.get(i).rule().backward(node);
      }
    }
  }

  /** Rules compute in float32; only a Cast has another type, on one side. */
  private static void requireFloat32(NodeGradient node) {
    ElementType type = node.type(node.output(0)).orElse(ElementType.FLOAT);
    boolean cast = node.operator().equals("Cast") || node.operator().equals("Identity");
    if (!cast && type.isFloat() && type != ElementType.FLOAT) {
      throw node.failure(
          "computes in " + type.label() + ", gradients are float32", "export the model in float32");
    }
  }

  private RewriteException withoutRule(Node node) {
    return new RewriteException(
        "model "
            + step.forward().name()
            + ", node "
            + node.name()
            + ": no rule tells how gradients pass "
            + Candidate.op(node)
            + ": train only parameters behind it, or register a rule for it");
  }
}
