package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How many channels tensors have, that is their size along axis 1, as weights and the graph's
 * inputs tell it before any run. What a model declares of other tensors is not looked at: ONNX
 * Runtime runs models that declare it wrongly.
 */
final class ChannelNumbers {
  private static final Set<String> KEEP =
      Set.of(
          "Relu",
          "LeakyRelu",
          "PRelu",
          "ThresholdedRelu",
          "Clip",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Elu",
          "Selu",
          "Celu",
          "Gelu",
          "Mish",
          "Softplus",
          "Softsign",
          "Softmax",
          "Erf",
          "Abs",
          "Neg",
          "Sqrt",
          "Exp",
          "Shrink",
          "Cast",
          "Identity",
          "Dropout",
          "LRN",
          "BatchNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "LayerNormalization",
          "MaxPool",
          "AveragePool",
          "GlobalMaxPool",
          "GlobalAveragePool");

  private static final Set<String> BROADCAST =
      Set.of("Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Mean");

  /** Tensors with more are not counted by channel. */
  private static final long MOST = 1 << 20;

  private final Graph graph;
  private final Map<String, Long> known = new HashMap<>();

  /** Looks at all nodes once. */
  ChannelNumbers(Graph graph) {
    this.graph = graph;
    for (ValueInfoProto input : graph.inputs()) {
      var shape = input.getType().getTensorType().getShape();
      if (shape.getDimCount() >= 2 && !graph.initializers().containsKey(input.getName())) {
        put(input.getName(), shape.getDim(1).getDimValue());
      }
    }
    for (Node node : graph.nodes()) {
      if (node.isStandard()
          && node.proto().getInputCount() > 0
          && node.proto().getOutputCount() > 0) {
        put(node.proto().getOutput(0), number(node));
      }
    }
  }

  private void put(String tensor, long number) {
    if (number > 0 && !tensor.isEmpty()) {
      known.put(tensor, number);
    }
  }

  /** Empty where it is not known, or above 2^20, or the tensor's rank is unknown or below 2. */
  OptionalLong of(String tensor) {
    Long number = known.get(tensor);
    return number == null || number > MOST || rank(tensor) < 2
        ? OptionalLong.empty()
        : OptionalLong.of(number);
  }

  /** Of the node's first output; 0 if it is not known. */
  private long number(Node node) {
    String op = node.op();
    if (KEEP.contains(op)) {
      return at(node, 0);
    }
    if (BROADCAST.contains(op)) {
      return broadcast(node);
    }
    return switch (op) {
      case "Conv" -> dim(node, 0);
      case "ConvTranspose" -> dim(node, 1) * integer(node, "group", 1);
      case "Gemm" -> dim(node, integer(node, "transB", 0) == 0 ? 1 : 0);
      case "MatMul" -> multiplied(node);
      case "Concat" -> joined(node);
      default -> 0;
    };
  }

  private long at(Node node, int input) {
    return known.getOrDefault(node.proto().getInput(input), 0L);
  }

  /** A dimension of the node's weight, 0 if it is not known. */
  private long dim(Node node, int axis) {
    List<Long> dims =
        node.proto().getInputCount() < 2 ? List.of() : shape(node.proto().getInput(1));
    return dims.size() > axis && dims.size() > 1 ? dims.get(axis) : 0;
  }

  /** A matrix multiplies the last axis. */
  private long multiplied(Node node) {
    if (node.proto().getInputCount() < 2) {
      return 0;
    }
    int rank = rank(node.proto().getOutput(0));
    if (shape(node.proto().getInput(1)).size() != 2 || rank != rank(node.proto().getInput(0))) {
      return 0;
    }
    return rank == 2 ? dim(node, 1) : at(node, 0);
  }

  private long broadcast(Node node) {
    int rank = rank(node.proto().getOutput(0));
    long common = 1;
    for (String input : node.proto().getInputList()) {
      long number = broadcast(input, rank);
      if (rank < 2 || number == 0 || (number != common && number > 1 && common > 1)) {
        return 0;
      }
      common = Math.max(common, number);
    }
    return common;
  }

  /** Size of an input along axis 1 of a result of the given rank. */
  private long broadcast(String input, int rank) {
    List<Long> constant = shape(input);
    if (!constant.isEmpty() || graph.initializers().containsKey(input)) {
      int axis = 1 - rank + constant.size();
      return axis < 0 ? 1 : constant.get(axis);
    }
    return rank(input) == rank ? known.getOrDefault(input, 0L) : 0;
  }

  private long joined(Node node) {
    long axis = integer(node, "axis", 0);
    if (axis < 0) {
      return 0;
    }
    long sum = 0;
    for (int i = 0; i < node.proto().getInputCount(); i++) {
      long number = at(node, i);
      if (number == 0) {
        return 0;
      }
      sum = axis == 1 ? sum + number : number;
    }
    return sum;
  }

  /** Shape of a constant, empty where it is not known. */
  private List<Long> shape(String constant) {
    return ImageSizes.shape(graph, constant);
  }

  private int rank(String tensor) {
    return graph.type(tensor).map(type -> type.rank().orElse(-1)).orElse(-1);
  }

  private static long integer(Node node, String name, long otherwise) {
    return node.proto().getAttributeList().stream()
        .filter(a -> a.getName().equals(name))
        .mapToLong(AttributeProto::getI)
        .findAny()
        .orElse(otherwise);
  }
}
