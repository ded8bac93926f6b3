package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Skip;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.util.List;
import java.util.Optional;

/** Finds out by planning whether a rule can act on something, and on nothing else. */
final class TrialPlan {
  private final ModelFile model;
  private final On on;

  /**
   * What came of it.
   *
   * @param place where the rule acts, if it can
   * @param reason why it cannot, else ""
   */
  record Outcome(Optional<SearchUnit.Place> place, String reason) {}

  TrialPlan(ModelFile model, On on) {
    this.model = model;
    this.on = on;
  }

  /** A weight, for all layers that read it. */
  Outcome weight(List<Layer> readers, Weight weight) {
    List<Node> nodes = readers.stream().map(Layer::mainNode).toList();
    String pattern = ExactPattern.of(nodes, weight.name());
    if (weight.initializer().isPresent() && !weight.initializer().get().sparse()) {
      try {
        return outcome(nodes, weight.name(), new SearchUnit.Place(pattern, true));
      } catch (RewriteException othersReadIt) {
        // The nodes that are no layers must go on seeing the dense weight.
      }
    }
    return outcome(nodes, weight.name(), new SearchUnit.Place(pattern, false));
  }

  /** A layer's activation. */
  Outcome activation(Layer layer) {
    Node producer = model.graph().producer(layer.activation()).orElseThrow();
    String pattern = ExactPattern.of(List.of(producer), layer.activation());
    return outcome(List.of(producer), layer.activation(), new SearchUnit.Place(pattern, false));
  }

  private Outcome outcome(List<Node> nodes, String tensor, SearchUnit.Place place) {
    List<ThresholdRule> rule =
        List.of(new ThresholdRule(place.pattern(), 1, false, false, place.bake()));
    Rules rules =
        on == On.WEIGHTS
            ? new Rules(rule, List.of(), List.of(), java.util.Map.of())
            : new Rules(List.of(), rule, List.of(), java.util.Map.of());
    Rewrite rewrite = new Rewriter(rules, true, false).plan(model);
    Optional<Skip> skip = rewrite.skipped().stream().findFirst();
    if (skip.isPresent()) {
      return new Outcome(Optional.empty(), skip.get().reason());
    }
    boolean exact =
        rewrite.thresholds().stream().allMatch(t -> t.tensor().equals(tensor))
            && rewrite.thresholds().stream()
                .map(Threshold::node)
                .sorted()
                .toList()
                .equals(nodes.stream().map(Node::name).sorted().toList());
    return exact
        ? new Outcome(Optional.of(place), "")
        : new Outcome(
            Optional.empty(), "no pattern tells it from others; give nodes and tensors names");
  }
}
