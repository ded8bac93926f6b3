package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.rules.TransformRule;
import io.sparsescope.rewriter.transform.Baking;
import io.sparsescope.rewriter.transform.Target;
import io.sparsescope.rewriter.transform.Transform;
import io.sparsescope.rewriter.transform.Transforms;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Thresholds and other transforms on weights, by nodes between the weight and the layers that a
 * rule matches (ONNX Runtime folds them when it loads the model), or by changing the initializer.
 *
 * <p>What is changed is what the layer reads: of a weight that is converted or dequantized on its
 * way, the values behind the conversion. Nothing is baked into quantized weights, since what comes
 * of them may be no integers; integers that an operator reads as they are have no float to change.
 */
final class WeightTransforms {
  /**
   * A rule for a tensor; layers that ask for the same share its nodes, unless they read the tensor
   * with its input channels elsewhere.
   */
  private record Key(String tensor, Rule rule, OptionalInt channels) {}

  /** Who asked for a baked initializer. */
  private record Bake(Layer layer, Weight weight, Rule rule) {}

  private final Workspace w;
  private final Placement placement;
  private final Map<Key, String> placed = new HashMap<>();
  private final Map<Key, String> inputs = new HashMap<>();
  private final Map<String, Bake> bakes = new LinkedHashMap<>();
  private final Map<String, Set<Integer>> bakedUsers = new HashMap<>();

  WeightTransforms(Workspace workspace) {
    w = workspace;
    placement = new Placement(workspace);
  }

  void place(Layer layer, Weight weight, Rule rule) {
    ElementType type = typeOf(weight, rule.bake());
    String reason = reasonAgainst(layer, weight, type, rule);
    Target target = null;
    if (reason.isEmpty()) {
      target = target(weight, type, rule.bake());
      reason = reasonAgainst(target, rule);
    }
    if (!reason.isEmpty()) {
      w.skipped().add(new Skip(layer.mainNode().name(), weight.name(), reason));
      return;
    }
    String input = "";
    if (rule.bake()) {
      bake(layer, weight, rule);
    } else {
      Key key = new Key(weight.tensor(), rule, target.channels());
      String sparse = placed.get(key);
      if (sparse == null) {
        sparse = insert(layer.mainNode(), key, target);
      }
      String replacement = sparse;
      w.edit()
          .editNode(
              weight.reader(), n -> n.toBuilder().setInput(weight.input(), replacement).build());
      input = inputs.getOrDefault(key, "");
    }
    placement.placed(layer.mainNode().name(), weight.name(), "weight", rule, input);
  }

  private Target target(Weight weight, ElementType type, boolean baked) {
    if (baked) {
      return WeightTargets.stored(weight);
    }
    Initializer direct = w.graph().initializers().get(weight.tensor());
    if (direct != null) {
      OptionalInt rank = OptionalInt.of(direct.dims().size());
      return WeightTargets.read(weight, type, rank, direct.dims());
    }
    OptionalInt rank =
        w.graph().type(weight.tensor()).map(TensorType::rank).orElse(OptionalInt.empty());
    return WeightTargets.read(weight, type, rank, List.of());
  }

  private ElementType typeOf(Weight weight, boolean baked) {
    if (baked) {
      return weight.initializer().map(Initializer::type).orElse(ElementType.UNDEFINED);
    }
    Initializer direct = w.graph().initializers().get(weight.tensor());
    return direct != null
        ? direct.type()
        : w.graph()
            .type(weight.tensor())
            .map(TensorType::element)
            .or(() -> weight.initializer().map(Initializer::type))
            .orElse(ElementType.UNDEFINED);
  }

  private static String reasonAgainst(Layer layer, Weight weight, ElementType type, Rule rule) {
    String what = rule instanceof ThresholdRule ? "zeros" : "values";
    if (weight.quantized() && rule.bake()) {
      return "it is quantized, and " + what + " are not baked into integers: leave out bake";
    }
    if (weight.quantized() && !type.isFloat()) {
      return reasonAgainstIntegers(layer, weight, rule);
    }
    if (rule.bake() && weight.initializer().isEmpty()) {
      return "no initializer holds its values, so " + what + " cannot be baked into one";
    }
    if (rule.bake() && weight.initializer().get().sparse()) {
      return "it is a sparse initializer, into which " + what + " cannot be baked";
    }
    return Placement.reasonAgainst(rule, type);
  }

  private static String reasonAgainstIntegers(Layer layer, Weight weight, Rule rule) {
    String what = rule instanceof ThresholdRule ? "a threshold" : "a transform";
    Node last = layer.nodes().get(layer.nodes().size() - 1);
    return layer.isEmbedding() && last.op().equals("DequantizeLinear")
        ? "it is quantized until its rows are looked up: give node "
            + last.name()
            + " "
            + what
            + " on activations, which does the same"
        : "it is quantized, and "
            + weight.reader().op()
            + " reads its integers: give the model "
            + what
            + " before it is quantized";
  }

  private String reasonAgainst(Target target, Rule rule) {
    if (!rule.bake()) {
      String reason = placement.reasonAgainst(rule, target);
      boolean bakeable = reason.startsWith("opset ") && rule instanceof TransformRule;
      return bakeable ? reason + ": bake it, which needs no operators" : reason;
    }
    if (!(rule instanceof TransformRule t)) {
      return "";
    }
    // What the opset lacks does not matter to what is computed here.
    Transform transform = Transforms.parse(t.transform());
    String reason = transform.reasonAgainst(target, Integer.MAX_VALUE);
    return reason.isEmpty() && transform.baked(target).isEmpty()
        ? t.transform() + " is known as nodes only, leave out bake"
        : reason;
  }

  private String insert(Node main, Key key, Target target) {
    String sparse = w.names().take(Rewrite.PREFIX + "weight/" + key.tensor());
    Optional<Placement.Made> made =
        placement.make(main.name(), key.rule(), target, key.tensor(), key.tensor(), sparse);
    if (made.isEmpty()) {
      placed.put(key, key.tensor());
      return key.tensor();
    }
    placed.put(key, sparse);
    inputs.put(key, made.get().input());
    Optional<Node> producer = w.graph().producer(key.tensor());
    if (producer.isPresent()) {
      w.edit().insertAfter(producer.get(), made.get().ops().nodes());
    } else {
      w.edit().prepend(made.get().ops().nodes());
    }
    return sparse;
  }

  private void bake(Layer layer, Weight weight, Rule rule) {
    Bake first = bakes.putIfAbsent(weight.name(), new Bake(layer, weight, rule));
    bakedUsers.computeIfAbsent(weight.name(), n -> new HashSet<>()).add(weight.reader().index());
    if (first != null && !sameValues(first, weight, rule)) {
      throw new RewriteException(
          "model "
              + w.model().name()
              + ": weight "
              + weight.name()
              + " is to be baked with "
              + named(first.rule)
              + " for node "
              + first.layer.mainNode().name()
              + " and otherwise for node "
              + layer.mainNode().name()
              + (rule instanceof ThresholdRule
                  ? ": give both the same threshold and compare, or leave out bake"
                  : ": give both the same transform, or leave out bake"));
    }
  }

  private static boolean sameValues(Bake first, Weight weight, Rule rule) {
    if (first.rule instanceof ThresholdRule a && rule instanceof ThresholdRule b) {
      return a.threshold() == b.threshold() && a.orEqual() == b.orEqual();
    }
    return first.rule instanceof TransformRule a
        && rule instanceof TransformRule b
        && a.transform().equals(b.transform())
        && WeightTargets.stored(first.weight).equals(WeightTargets.stored(weight));
  }

  private static String named(Rule rule) {
    return rule instanceof ThresholdRule t
        ? "threshold " + t.threshold()
        : ((TransformRule) rule).transform();
  }

  /**
   * Bakes what was asked for.
   *
   * @throws RewriteException if somebody else uses the weight too
   */
  void finish() {
    for (Bake b : bakes.values()) {
      Initializer initializer = b.weight.initializer().orElseThrow();
      requireNoOtherUser(initializer.name(), initializer.name());
      if (b.rule instanceof ThresholdRule t) {
        w.edit()
            .mapInitializer(
                initializer, Baking.zeroing(initializer.type(), t.threshold(), t.orEqual()));
      } else {
        Target target = WeightTargets.stored(b.weight);
        Transform transform = Transforms.parse(((TransformRule) b.rule).transform());
        w.edit()
            .mapInitializerAnew(
                initializer,
                Baking.transforming(
                    transform.baked(target).orElseThrow(), w.model().data(initializer)));
      }
    }
  }

  private void requireNoOtherUser(String tensor, String weight) {
    if (w.graph().isOutput(tensor)) {
      throw otherUser(weight, "is an output of the graph too");
    }
    for (Node user : w.graph().consumers(tensor)) {
      if (bakedUsers.get(weight).contains(user.index())) {
        continue;
      }
      boolean view =
          user.proto().getOutputCount() == 1
              && w.constants()
                  .source(user.proto().getOutput(0))
                  .map(Constants.Source::name)
                  .filter(weight::equals)
                  .isPresent();
      if (!view) {
        throw otherUser(
            weight, "is read by node " + user.name() + " too, which no bake rule matches");
      }
      requireNoOtherUser(user.proto().getOutput(0), weight);
    }
  }

  private RewriteException otherUser(String weight, String what) {
    return new RewriteException(
        "model "
            + w.model().name()
            + ": weight "
            + weight
            + " "
            + what
            + ": leave out bake, so that only the matched nodes see zeros");
  }
}
