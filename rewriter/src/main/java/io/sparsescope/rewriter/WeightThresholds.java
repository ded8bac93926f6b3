package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.Baking;
import io.sparsescope.rewriter.transform.Ops;
import io.sparsescope.rewriter.transform.ThresholdNodes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Thresholds on weights, by nodes between the weight and the layers that a rule matches (ONNX
 * Runtime folds them when it loads the model), or by writing zeros into the initializer.
 *
 * <p>What is compared is what the layer reads: of a weight that is converted or dequantized on its
 * way, the values behind the conversion. Nothing is baked into quantized weights, since their zeros
 * may be no integers; integers that an operator reads as they are have no float to compare.
 */
final class WeightThresholds {
  /** A threshold on a tensor; layers that ask for the same share its nodes. */
  private record Key(String tensor, ThresholdRule rule) {}

  /** Who asked for a baked initializer. */
  private record Bake(Layer layer, Weight weight, ThresholdRule rule) {}

  private final Workspace w;
  private final Map<Key, String> placed = new HashMap<>();
  private final Map<Key, String> inputs = new HashMap<>();
  private final Map<String, Bake> bakes = new LinkedHashMap<>();
  private final Map<String, Set<Integer>> bakedUsers = new HashMap<>();

  WeightThresholds(Workspace workspace) {
    w = workspace;
  }

  void place(Layer layer, Weight weight, ThresholdRule rule) {
    ElementType type = typeOf(weight, rule.bake());
    String reason = reasonAgainst(layer, weight, type, rule);
    if (!reason.isEmpty()) {
      w.skipped().add(new Skip(layer.mainNode().name(), weight.name(), reason));
      return;
    }
    String input = "";
    if (rule.bake()) {
      bake(layer, weight, rule);
    } else {
      Key key = new Key(weight.tensor(), rule);
      String sparse = placed.get(key);
      if (sparse == null) {
        sparse = insert(layer.mainNode(), key, type);
      }
      String replacement = sparse;
      w.edit()
          .editNode(
              weight.reader(), n -> n.toBuilder().setInput(weight.input(), replacement).build());
      input = inputs.getOrDefault(key, "");
    }
    w.thresholds()
        .add(
            new Threshold(
                layer.mainNode().name(),
                weight.name(),
                "weight",
                rule.threshold(),
                rule.orEqual(),
                input,
                rule.bake()));
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

  private String reasonAgainst(Layer layer, Weight weight, ElementType type, ThresholdRule rule) {
    if (weight.quantized() && rule.bake()) {
      return "it is quantized, and zeros are not baked into integers: leave out bake";
    }
    if (weight.quantized() && !type.isFloat()) {
      return reasonAgainstIntegers(layer, weight);
    }
    if (rule.bake() && weight.initializer().isEmpty()) {
      return "no initializer holds its values, so zeros cannot be baked into one";
    }
    if (rule.bake() && weight.initializer().get().sparse()) {
      return "it is a sparse initializer, into which zeros cannot be baked";
    }
    if (!type.isFloat()) {
      return type == ElementType.UNDEFINED
          ? "its element type is not known"
          : "a threshold is for floats, not for " + type.label();
    }
    return !rule.bake() && w.opset() < ThresholdNodes.FIRST_OPSET
        ? "opset " + w.opset() + " is too old for a threshold, which needs 7"
        : "";
  }

  private static String reasonAgainstIntegers(Layer layer, Weight weight) {
    Node last = layer.nodes().get(layer.nodes().size() - 1);
    return layer.isEmbedding() && last.op().equals("DequantizeLinear")
        ? "it is quantized until its rows are looked up: give node "
            + last.name()
            + " a threshold on activations, which does the same"
        : "it is quantized, and "
            + weight.reader().op()
            + " reads its integers: give the model a threshold before it is quantized";
  }

  private String insert(Node main, Key key, ElementType type) {
    String sparse = w.names().take(Rewrite.PREFIX + "weight/" + key.tensor());
    placed.put(key, sparse);
    ThresholdRule rule = key.rule();
    Ops ops = w.ops().under("threshold/" + key.tensor());
    if (rule.dynamic()) {
      w.requireOverridable(main.name());
      String input = w.names().take(Rewrite.PREFIX + "threshold/" + key.tensor());
      inputs.put(key, input);
      w.edit().addOverridable(ThresholdNodes.threshold(input, type, rule.threshold()));
      ThresholdNodes.emitDynamic(ops, key.tensor(), sparse, type, input, rule.orEqual());
    } else {
      ThresholdNodes.emit(ops, key.tensor(), sparse, type, rule.threshold(), rule.orEqual());
    }
    Optional<Node> producer = w.graph().producer(key.tensor());
    if (producer.isPresent()) {
      w.edit().insertAfter(producer.get(), ops.nodes());
    } else {
      w.edit().prepend(ops.nodes());
    }
    return sparse;
  }

  private void bake(Layer layer, Weight weight, ThresholdRule rule) {
    Bake first = bakes.putIfAbsent(weight.name(), new Bake(layer, weight, rule));
    bakedUsers.computeIfAbsent(weight.name(), n -> new HashSet<>()).add(weight.reader().index());
    if (first != null
        && (first.rule.threshold() != rule.threshold() || first.rule.orEqual() != rule.orEqual())) {
      throw new RewriteException(
          "model "
              + w.model().name()
              + ": weight "
              + weight.name()
              + " is to be baked with threshold "
              + first.rule.threshold()
              + " for node "
              + first.layer.mainNode().name()
              + " and otherwise for node "
              + layer.mainNode().name()
              + ": give both the same threshold and compare, or leave out bake");
    }
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
      w.edit()
          .mapInitializer(
              initializer,
              Baking.zeroing(initializer.type(), b.rule.threshold(), b.rule.orEqual()));
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
