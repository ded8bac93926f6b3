package io.sparsescope.cli;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What {@code inspect} tells of a model.
 *
 * @param inputs what the caller feeds, without initializers that are listed as inputs
 * @param operators how many nodes there are of each, subgraphs included
 * @param initializers how many, and how many elements they have together
 */
record Inspection(
    String model,
    long bytes,
    String sha256,
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    String graph,
    List<Port> inputs,
    List<Port> outputs,
    Map<String, Integer> operators,
    int initializers,
    long initializerElements,
    List<LayerLine> layers,
    Map<String, String> metadata) {

  /** An input or output: its name, and its type as {@code float32[N,3,32,32]}. */
  record Port(String name, String type) {}

  /**
   * A layer in a few words.
   *
   * @param nodes the operators it is made of, in order
   * @param activation the tensor that {@code layer:*} taps; "" of an embedding, which has none
   */
  record LayerLine(String layer, List<String> nodes, String activation, List<String> weights) {}

  static Inspection of(ModelFile model) {
    Map<String, Initializer> initializers = model.graph().initializers();
    Map<String, Long> opsets = new LinkedHashMap<>();
    model
        .header()
        .getOpsetImportList()
        .forEach(
            o -> opsets.put(o.getDomain().isEmpty() ? "ai.onnx" : o.getDomain(), o.getVersion()));
    Map<String, Integer> operators = new TreeMap<>();
    for (Node node : model.graph().allNodes()) {
      operators.merge(
          node.isStandard() ? node.op() : node.domain() + "/" + node.op(), 1, Integer::sum);
    }
    return new Inspection(
        model.name(),
        model.size(),
        model.sha256(),
        model.header().getIrVersion(),
        (model.header().getProducerName() + " " + model.header().getProducerVersion()).strip(),
        opsets,
        model.graph().name(),
        ports(model.graph().inputs(), initializers),
        ports(model.graph().outputs(), Map.of()),
        operators,
        initializers.size(),
        initializers.values().stream().mapToLong(Initializer::elements).sum(),
        Layers.of(model).all().stream().map(Inspection::line).toList(),
        model.metadata());
  }

  private static LayerLine line(Layer layer) {
    return new LayerLine(
        layer.name(),
        layer.nodes().stream().map(Node::op).toList(),
        layer.isEmbedding() ? "" : layer.activation(),
        layer.weights().stream()
            .map(w -> w.name() + w.initializer().map(i -> shape(i)).orElse(""))
            .toList());
  }

  private static String shape(Initializer initializer) {
    return " "
        + initializer.type().label()
        + initializer.dims().stream()
            .map(String::valueOf)
            .collect(Collectors.joining(",", "[", "]"));
  }

  private static List<Port> ports(List<ValueInfoProto> values, Map<String, Initializer> without) {
    List<Port> ports = new ArrayList<>();
    for (ValueInfoProto value : values) {
      if (!without.containsKey(value.getName())) {
        ports.add(new Port(value.getName(), type(value.getType())));
      }
    }
    return ports;
  }

  private static String type(TypeProto type) {
    if (!type.hasTensorType()) {
      return type.getValueCase().name().toLowerCase(java.util.Locale.ROOT).replace("_type", "");
    }
    TypeProto.Tensor tensor = type.getTensorType();
    String element = ElementType.of(tensor.getElemType()).label();
    return element
        + (tensor.hasShape()
            ? tensor.getShape().getDimList().stream()
                .map(Inspection::dim)
                .collect(Collectors.joining(",", "[", "]"))
            : "[...]");
  }

  private static String dim(TensorShapeProto.Dimension dim) {
    if (dim.hasDimValue()) {
      return Long.toString(dim.getDimValue());
    }
    return dim.getDimParam().isEmpty() ? "?" : dim.getDimParam();
  }
}
