package io.sparsescope.experiments;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.WeightCounts;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.Transformation;
import io.sparsescope.rewriter.WeightTargets;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Baked;
import io.sparsescope.rewriter.transform.Baking;
import io.sparsescope.rewriter.transform.Elements;
import io.sparsescope.rewriter.transform.Transforms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;

/**
 * Counts what a model's weights hold, chunk by chunk from where they lie (eq. 3). What is a weight
 * and what a bias tells {@link Weight}; biases are counted if asked for, normalization parameters
 * not at all. A weight that several layers read appears with each of them, and in sums once ({@link
 * WeightCounts#sum}). Zero of a quantized weight is its zero point.
 */
public final class WeightCounter {
  private final ModelFile model;
  private final Graph graph;
  private final boolean countBiases;
  private final Map<String, String> blocks = new HashMap<>();
  private final List<Threshold> thresholds;
  private final List<Transformation> transformations;
  private final Quantizations quantizations;
  private final List<SkippedTap> skipped = new ArrayList<>();
  private final Map<Seen, Counts> counted = new HashMap<>();

  /**
   * What a model's weights hold.
   *
   * @param weights weights in the order of their layers
   * @param biases biases, in the same way; none if they were not asked for
   * @param skipped weights and biases that could not be counted
   */
  public record Result(
      List<WeightCounts> weights, List<WeightCounts> biases, List<SkippedTap> skipped) {}

  /** A weight as some layers see it; the same to all of them. */
  private record Seen(String name, String by, List<Object> threshold) {}

  private WeightCounter(
      ModelFile model,
      Map<String, List<String>> layersOf,
      List<Threshold> thresholds,
      List<Transformation> transformations,
      boolean biases) {
    this.model = model;
    this.graph = model.graph();
    this.thresholds = thresholds;
    this.transformations = transformations;
    countBiases = biases;
    quantizations = new Quantizations(model);
    layersOf.forEach((block, layers) -> layers.forEach(layer -> blocks.putIfAbsent(layer, block)));
  }

  /** Counts a model's weights as they are, without biases and blocks. */
  public static Result count(ModelFile model) {
    return count(model, false);
  }

  /** Counts a model's weights as a rewrite leaves them, without biases. */
  public static Result count(ModelFile model, Rewrite rewrite) {
    return count(model, rewrite, false);
  }

  /**
   * Counts a model's weights as they are, in no blocks.
   *
   * @param biases whether to count biases, too
   * @throws io.sparsescope.onnx.OnnxException if values are missing
   */
  public static Result count(ModelFile model, boolean biases) {
    return new WeightCounter(model, Map.of(), List.of(), List.of(), biases).count();
  }

  /**
   * Counts a model's weights as a rewrite leaves them: behind its transforms, in its blocks.
   *
   * @param biases whether to count biases, too
   * @throws io.sparsescope.onnx.OnnxException if values are missing
   */
  public static Result count(ModelFile model, Rewrite rewrite, boolean biases) {
    List<Threshold> onWeights =
        rewrite.thresholds().stream().filter(t -> t.kind().equals("weight")).toList();
    List<Transformation> transforms =
        rewrite.transformations().stream().filter(t -> t.kind().equals("weight")).toList();
    return new WeightCounter(model, rewrite.blocks(), onWeights, transforms, biases).count();
  }

  private Result count() {
    List<WeightCounts> weights = new ArrayList<>();
    List<WeightCounts> biases = new ArrayList<>();
    for (Layer layer : Layers.of(model).all()) {
      layer.weights().forEach(w -> count(layer, w, "weight").ifPresent(weights::add));
      if (countBiases) {
        layer.biases().forEach(b -> count(layer, b, "bias").ifPresent(biases::add));
      }
    }
    for (Node node : graph.allNodes()) {
      if (node.parent().isPresent() && Layers.isMainOperator(node)) {
        String reason = "weight: it is in a subgraph of node " + node.parent().get().name();
        skipped.add(new SkippedTap(node.name(), "", reason));
      }
    }
    return new Result(List.copyOf(weights), List.copyOf(biases), List.copyOf(skipped));
  }

  private Optional<WeightCounts> count(Layer layer, Weight weight, String what) {
    Optional<TensorData> data = data(weight);
    Optional<Quantization> quantization =
        weight.quantized() ? quantizations.of(layer, weight) : Optional.empty();
    Optional<Threshold> threshold = threshold(layer, weight);
    String reason =
        data.isEmpty()
            ? "a node computes its values"
            : reasonAgainst(weight, data.get().type(), quantization, threshold);
    Optional<Transformation> transformation = transformation(layer, weight);
    Optional<Baked> transform = transformation.flatMap(t -> baked(weight, t));
    if (reason.isEmpty() && transformation.isPresent() && transform.isEmpty()) {
      reason = "what " + transformation.get().transform() + " makes of it only a run shows";
    }
    if (!reason.isEmpty()) {
      skipped.add(new SkippedTap(layer.mainNode().name(), weight.name(), what + ": " + reason));
      return Optional.empty();
    }
    TapInfo info =
        new TapInfo(
            layer.mainNode().name(),
            Candidate.op(layer.mainNode()),
            weight.name(),
            layer.name(),
            blocks.getOrDefault(layer.name(), ""),
            TapKind.WEIGHT,
            data.get().type().label());
    Seen seen =
        new Seen(
            weight.name(),
            weight.quantized() ? weight.reader().index() + "" : weight.tensor(),
            threshold
                .map(t -> List.<Object>of(t.value(), t.orEqual(), t.baked()))
                .or(() -> transformation.map(t -> List.of(t.transform(), t.node())))
                .orElse(List.of()));
    Counts counts =
        counted.computeIfAbsent(
            seen,
            s ->
                transform.isPresent()
                    ? WeightElements.count(
                        data.get(), Baking.transforming(transform.get(), data.get()).get())
                    : count(weight, data.get(), quantization, threshold));
    return Optional.of(new WeightCounts(info, counts));
  }

  private Optional<TensorData> data(Weight weight) {
    return weight.initializer().isPresent()
        ? weight.initializer().map(model::data)
        : graph.producer(weight.name()).flatMap(model::constant);
  }

  private Optional<Threshold> threshold(Layer layer, Weight weight) {
    return thresholds.stream()
        .filter(t -> t.tensor().equals(weight.name()))
        .filter(t -> t.node().equals(layer.mainNode().name()))
        .findFirst();
  }

  private Optional<Transformation> transformation(Layer layer, Weight weight) {
    return transformations.stream()
        .filter(t -> t.tensor().equals(weight.name()))
        .filter(t -> t.node().equals(layer.mainNode().name()))
        .findFirst();
  }

  /** What a transform makes of the stored values, where that is known without a run. */
  private static Optional<Baked> baked(Weight weight, Transformation placed) {
    boolean readAsStored = placed.baked() || weight.tensor().equals(weight.name());
    return weight.initializer().isEmpty() || !readAsStored
        ? Optional.empty()
        : Transforms.parse(placed.transform()).baked(WeightTargets.stored(weight));
  }

  private String reasonAgainst(
      Weight weight,
      ElementType type,
      Optional<Quantization> quantization,
      Optional<Threshold> threshold) {
    if (isPacked(weight.reader())) {
      return "its elements are packed";
    }
    if (!ZeroCounter.canCount(type.label())) {
      return "elements of type " + type.label() + " cannot be counted";
    }
    if (weight.quantized() && quantization.isEmpty()) {
      return "its zero points are not known";
    }
    if (threshold.isEmpty()) {
      return "";
    }
    boolean unknownScale = weight.quantized() && !quantization.get().hasScales();
    return unknownScale || !Elements.canRead(type) || !compared(weight, type).isFloat()
        ? "a threshold lies behind its conversion from " + type.label()
        : "";
  }

  private static boolean isPacked(Node reader) {
    return switch (reader.op()) {
      case "MatMulNBits", "MatMulBnb4", "GatherBlockQuantized" -> true;
      default -> false;
    };
  }

  /** The type in which a threshold that nodes apply compares. */
  private ElementType compared(Weight weight, ElementType stored) {
    return graph.type(weight.tensor()).map(TensorType::element).orElse(stored);
  }

  private Counts count(
      Weight weight,
      TensorData data,
      Optional<Quantization> quantization,
      Optional<Threshold> threshold) {
    if (threshold.isEmpty()) {
      return quantization.isEmpty() || quantization.get().uniform()
          ? WeightElements.count(data, quantization.map(q -> q.zero(0)).orElse(0L))
          : WeightElements.count(data, (i, q) -> q == quantization.get().zero(i));
    }
    Threshold t = threshold.get();
    ElementType type = t.baked() ? data.type() : compared(weight, data.type());
    DoublePredicate zero = Elements.zeroBehind(type, t.value(), t.orEqual());
    if (quantization.isPresent()) {
      return WeightElements.count(data, (i, q) -> zero.test(quantization.get().value(i, q)));
    }
    return type == data.type()
        ? WeightElements.count(data, t.value(), t.orEqual())
        : WeightElements.count(data, (i, x) -> zero.test(x));
  }
}
