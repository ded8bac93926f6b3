package io.sparsescope.experiments;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelFile;
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
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Baking;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Counts what a model's weights hold, chunk by chunk from where they lie (eq. 3). Weights are what
 * the layers multiply with; biases are counted apart, normalization parameters not at all. A weight
 * that several layers share is counted once, with the first of them.
 */
public final class WeightCounter {
  private final ModelFile model;
  private final Graph graph;
  private final Map<String, String> blocks = new HashMap<>();
  private final List<Threshold> thresholds;
  private final WeightZeroPoints zeroPoints;
  private final List<SkippedTap> skipped = new ArrayList<>();

  /** Names counted already. */
  private final Set<String> seen = new HashSet<>();

  /**
   * What a model's weights hold.
   *
   * @param weights weights in the order of their layers
   * @param biases biases, in the same way
   * @param skipped weights and biases that could not be counted
   */
  public record Result(
      List<WeightCounts> weights, List<WeightCounts> biases, List<SkippedTap> skipped) {}

  private WeightCounter(
      ModelFile model, Map<String, List<String>> layersOf, List<Threshold> thresholds) {
    this.model = model;
    this.graph = model.graph();
    this.thresholds = thresholds;
    zeroPoints = new WeightZeroPoints(model);
    layersOf.forEach((block, layers) -> layers.forEach(layer -> blocks.putIfAbsent(layer, block)));
  }

  /**
   * Counts a model's weights as they are.
   *
   * @throws io.sparsescope.onnx.OnnxException if values are missing
   */
  public static Result count(ModelFile model) {
    return new WeightCounter(model, Map.of(), List.of()).count();
  }

  /** Counts a model's weights as a rewrite leaves them: behind its thresholds. */
  public static Result count(ModelFile model, Rewrite rewrite) {
    List<Threshold> onWeights =
        rewrite.thresholds().stream().filter(t -> t.kind().equals("weight")).toList();
    return new WeightCounter(model, rewrite.blocks(), onWeights).count();
  }

  private Result count() {
    List<WeightCounts> weights = new ArrayList<>();
    List<WeightCounts> biases = new ArrayList<>();
    for (Layer layer : Layers.of(model).all()) {
      layer.weights().forEach(weight -> count(layer, weight).ifPresent(weights::add));
      layer.biases().forEach(bias -> count(layer, bias).ifPresent(biases::add));
    }
    return new Result(List.copyOf(weights), List.copyOf(biases), List.copyOf(skipped));
  }

  private Optional<WeightCounts> count(Layer layer, Weight weight) {
    if (!seen.add(weight.name())) {
      return Optional.empty();
    }
    Optional<TensorData> data = data(weight);
    OptionalLong zeroPoint = zeroPoints.of(layer, weight);
    Optional<Threshold> threshold = threshold(layer, weight);
    String reason = data.isEmpty() ? "a node computes its values" : "";
    if (data.isPresent()) {
      reason = reasonAgainst(layer, weight, data.get().type(), zeroPoint, threshold);
    }
    if (!reason.isEmpty()) {
      skipped.add(new SkippedTap(layer.mainNode().name(), weight.name(), "weight: " + reason));
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
    return Optional.of(new WeightCounts(info, count(data.get(), zeroPoint.getAsLong(), threshold)));
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

  private String reasonAgainst(
      Layer layer,
      Weight weight,
      ElementType type,
      OptionalLong zeroPoint,
      Optional<Threshold> threshold) {
    if (!ZeroCounter.canCount(type.label())) {
      return "elements of type " + type.label() + " cannot be counted";
    }
    if (layer.mainNode().op().startsWith("MatMulNBits")
        || layer.mainNode().op().equals("MatMulBnb4")) {
      return "its elements are packed";
    }
    if (zeroPoint.isEmpty()) {
      return "its zero point is not one known value";
    }
    boolean converted =
        graph.type(weight.tensor()).map(TensorType::element).filter(t -> t != type).isPresent();
    return threshold.isPresent() && !threshold.get().baked() && converted
        ? "a threshold lies behind its conversion from " + type.label()
        : "";
  }

  private static Counts count(TensorData data, long zeroPoint, Optional<Threshold> threshold) {
    ZeroCounter counter = ZeroCounter.of(data.type().label());
    Optional<Consumer<ByteBuffer>> zeroing =
        threshold.map(t -> Baking.zeroing(data.type(), t.value(), t.orEqual()));
    Counts[] sum = {Counts.NONE};
    data.forEachChunk(
        chunk -> {
          ByteBuffer values = chunk;
          if (zeroing.isPresent()) {
            values = ByteBuffer.allocate(chunk.remaining()).order(ByteOrder.LITTLE_ENDIAN);
            values.put(chunk).flip();
            zeroing.get().accept(values);
          }
          sum[0] = sum[0].plus(counter.count(values, zeroPoint));
        });
    return sum[0];
  }
}
