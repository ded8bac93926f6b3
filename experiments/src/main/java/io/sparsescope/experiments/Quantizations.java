package io.sparsescope.experiments;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Elements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** Finds how a model's weights are quantized. */
final class Quantizations {
  /** Where an operator that reads integers has their zero points, and of which axis they are. */
  private record ZeroInput(int input, int axis) {}

  private static final int LAST = -1;
  private static final int LAST_BUT_ONE = -2;
  private static final int NONE = Integer.MIN_VALUE;

  /** By operator and by the input that is the weight. */
  private static final Map<String, Map<Integer, ZeroInput>> ZERO_INPUTS =
      Map.ofEntries(
          Map.entry("ConvInteger", Map.of(1, new ZeroInput(3, 0))),
          Map.entry(
              "MatMulInteger",
              Map.of(0, new ZeroInput(2, LAST_BUT_ONE), 1, new ZeroInput(3, LAST))),
          Map.entry("QLinearConv", Map.of(3, new ZeroInput(5, 0))),
          Map.entry(
              "QLinearMatMul",
              Map.of(0, new ZeroInput(2, LAST_BUT_ONE), 3, new ZeroInput(5, LAST))),
          Map.entry("com.microsoft/QLinearConv", Map.of(3, new ZeroInput(5, 0))),
          Map.entry("com.microsoft/QGemm", Map.of(3, new ZeroInput(5, NONE))),
          Map.entry("com.microsoft/QAttention", Map.of(1, new ZeroInput(7, LAST))),
          Map.entry("com.microsoft/DynamicQuantizeMatMul", Map.of(1, new ZeroInput(3, LAST))),
          Map.entry(
              "com.microsoft/MatMulIntegerToFloat",
              Map.of(0, new ZeroInput(4, NONE), 1, new ZeroInput(5, LAST))),
          Map.entry(
              "com.microsoft/DynamicQuantizeLSTM",
              Map.of(1, new ZeroInput(9, NONE), 2, new ZeroInput(11, NONE))),
          Map.entry(
              "com.microsoft/QEmbedLayerNormalization",
              Map.of(
                  2,
                  new ZeroInput(13, NONE),
                  3,
                  new ZeroInput(14, NONE),
                  4,
                  new ZeroInput(15, NONE))));

  private final ModelFile model;
  private final Graph graph;
  private final Constants constants;

  Quantizations(ModelFile model) {
    this.model = model;
    graph = model.graph();
    constants = new Constants(graph);
  }

  /** Empty where the zero points are not known, or not which elements they are of. */
  Optional<Quantization> of(Layer layer, Weight weight) {
    Optional<Node> dequantizer = dequantizer(layer, weight);
    if (dequantizer.isPresent()) {
      return behind(dequantizer.get(), weight);
    }
    Node reader = weight.reader();
    ZeroInput zero = ZERO_INPUTS.getOrDefault(Candidate.op(reader), Map.of()).get(weight.input());
    if (zero == null) {
      return Optional.empty();
    }
    return values(reader, zero.input())
        .flatMap(
            zeros ->
                inner(weight, weight.tensor(), zero.axis(), zeros.length)
                    .map(inner -> Quantization.ofZeros(integers(zeros), inner)));
  }

  private Optional<Quantization> behind(Node dequantizer, Weight weight) {
    Optional<double[]> zeros = values(dequantizer, 2);
    Optional<double[]> scales = values(dequantizer, 1);
    boolean blocked = attribute(dequantizer, "block_size", 0) != 0;
    if (zeros.isEmpty() || blocked) {
      return Optional.empty();
    }
    boolean exact = scales.isPresent() && scaleType(dequantizer) == ElementType.FLOAT;
    double[] known = exact ? scales.get() : new double[0];
    int channels = Math.max(zeros.get().length, known.length);
    // Rows that were looked up have their table's channels only if there is one.
    String read = dequantizer.proto().getInput(0).equals(weight.name()) ? weight.name() : "";
    int axis = (int) attribute(dequantizer, "axis", 1);
    return inner(weight, read, axis, channels)
        .map(inner -> new Quantization(integers(zeros.get()), floats(known), inner));
  }

  /** The node that makes floats of the weight, on the way to its layer or behind a look-up. */
  private Optional<Node> dequantizer(Layer layer, Weight weight) {
    String at = weight.tensor();
    while (!at.equals(weight.name())) {
      Optional<Node> producer = graph.producer(at);
      if (producer.isEmpty() || producer.get().op().equals("DequantizeLinear")) {
        return producer;
      }
      at = producer.get().proto().getInput(0);
    }
    Node last = layer.nodes().get(layer.nodes().size() - 1);
    return layer.isEmbedding() && last.op().equals("DequantizeLinear")
        ? Optional.of(last)
        : Optional.empty();
  }

  /**
   * How many elements follow each other in one channel.
   *
   * @param read the tensor whose axis it is
   */
  private Optional<Long> inner(Weight weight, String read, int axis, int channels) {
    if (channels == 1) {
      return Optional.of(1L);
    }
    List<Long> dims = weight.initializer().map(Initializer::dims).orElse(List.of());
    int from = axis < 0 ? axis + dims.size() : axis;
    // Behind a Transpose or Reshape an axis is another one.
    if (!read.equals(weight.name())
        || from < 0
        || from >= dims.size()
        || dims.get(from) != channels) {
      return Optional.empty();
    }
    return Optional.of(dims.subList(from + 1, dims.size()).stream().reduce(1L, (a, b) -> a * b));
  }

  /** Zero points that are left out are 0; empty where a value is not known. */
  private Optional<double[]> values(Node node, int input) {
    String tensor = input < node.proto().getInputCount() ? node.proto().getInput(input) : "";
    if (tensor.isEmpty()) {
      return Optional.of(new double[1]);
    }
    return constants
        .source(tensor)
        .flatMap(this::data)
        .filter(d -> Elements.canRead(d.type()) && d.elements() > 0)
        .map(Quantizations::numbers);
  }

  private ElementType scaleType(Node dequantizer) {
    return constants
        .source(dequantizer.proto().getInput(1))
        .flatMap(this::data)
        .map(TensorData::type)
        .orElse(ElementType.UNDEFINED);
  }

  private Optional<TensorData> data(Constants.Source source) {
    Optional<Initializer> initializer = source.initializer();
    return initializer.isPresent()
        ? initializer.map(model::data)
        : graph.producer(source.name()).flatMap(model::constant);
  }

  private static double[] numbers(TensorData data) {
    ByteBuffer values = data.toBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int width = data.type().bits() / 8;
    double[] numbers = new double[values.remaining() / width];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Elements.read(data.type(), values, values.position() + i * width);
    }
    return numbers;
  }

  private static long[] integers(double[] values) {
    return DoubleStream.of(values).mapToLong(v -> (long) v).toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static long attribute(Node node, String name, long otherwise) {
    return node.proto().getAttributeList().stream()
        .filter(a -> a.getName().equals(name))
        .mapToLong(AttributeProto::getI)
        .findFirst()
        .orElse(otherwise);
  }
}
