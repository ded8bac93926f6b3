package io.sparsescope.experiments;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The integer that stands for zero in a quantized weight. */
final class WeightZeroPoints {
  /** A weight's input of a main node: the input that holds its zero point. */
  private static final Map<String, Map<Integer, Integer>> INPUTS =
      Map.ofEntries(
          Map.entry("ConvInteger", Map.of(1, 3)),
          Map.entry("MatMulInteger", Map.of(0, 2, 1, 3)),
          Map.entry("QLinearConv", Map.of(3, 5)),
          Map.entry("QLinearMatMul", Map.of(0, 2, 3, 5)),
          Map.entry("com.microsoft/QLinearConv", Map.of(3, 5)),
          Map.entry("com.microsoft/QGemm", Map.of(3, 5)),
          Map.entry("com.microsoft/QAttention", Map.of(1, 7)),
          Map.entry("com.microsoft/DynamicQuantizeMatMul", Map.of(1, 3)),
          Map.entry("com.microsoft/MatMulIntegerToFloat", Map.of(0, 4, 1, 5)),
          Map.entry("com.microsoft/DynamicQuantizeLSTM", Map.of(1, 9, 2, 11)));

  private final ModelFile model;
  private final Graph graph;
  private final Constants constants;

  WeightZeroPoints(ModelFile model) {
    this.model = model;
    graph = model.graph();
    constants = new Constants(graph);
  }

  /** Empty where it is not one value for the whole weight, or not known. */
  OptionalLong of(Layer layer, Weight weight) {
    if (!weight.quantized()) {
      return OptionalLong.of(0);
    }
    Optional<Node> dequantizer = dequantizer(weight);
    if (dequantizer.isPresent()) {
      return value(dequantizer.get(), 2);
    }
    Node main = layer.mainNode();
    Integer input = INPUTS.getOrDefault(Candidate.op(main), Map.of()).get(weight.input());
    return input == null ? OptionalLong.empty() : value(main, input);
  }

  /** The node that makes floats of the weight, on the way to its layer. */
  private Optional<Node> dequantizer(Weight weight) {
    String at = weight.tensor();
    while (!at.equals(weight.name())) {
      Optional<Node> producer = graph.producer(at);
      if (producer.isEmpty() || producer.get().op().equals("DequantizeLinear")) {
        return producer;
      }
      at = producer.get().proto().getInput(0);
    }
    return Optional.empty();
  }

  /** Zero points that are left out are 0. */
  private OptionalLong value(Node node, int input) {
    boolean absent = input >= node.proto().getInputCount();
    String tensor = absent ? "" : node.proto().getInput(input);
    if (tensor.isEmpty()) {
      return OptionalLong.of(0);
    }
    Optional<Constants.Source> source = constants.source(tensor);
    Optional<TensorData> data = source.flatMap(this::data);
    return data.isEmpty() ? OptionalLong.empty() : same(data.get());
  }

  private Optional<TensorData> data(Constants.Source source) {
    Optional<Initializer> initializer = source.initializer();
    return initializer.isPresent()
        ? initializer.map(model::data)
        : graph.producer(source.name()).flatMap(model::constant);
  }

  private static OptionalLong same(TensorData zeroPoints) {
    ByteBuffer values = zeroPoints.toBuffer().order(ByteOrder.LITTLE_ENDIAN);
    OptionalLong all = OptionalLong.empty();
    while (values.hasRemaining()) {
      long next;
      switch (zeroPoints.type()) {
        case INT8 -> next = values.get();
        case UINT8 -> next = values.get() & 0xff;
        case INT16 -> next = values.getShort();
        case UINT16 -> next = values.getShort() & 0xffff;
        case INT32 -> next = values.getInt();
        default -> {
          return OptionalLong.empty();
        }
      }
      if (all.isPresent() && all.getAsLong() != next) {
        return OptionalLong.empty();
      }
      all = OptionalLong.of(next);
    }
    return all;
  }
}
