package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Constants;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The value that stands for zero in an integer tensor: the zero point of the operator that
 * quantized it, found through operators that only move values; 0 where nothing was quantized.
 */
final class ZeroPoints {
  /** Where an operator that makes quantized values has its output's zero point. */
  private static final Map<String, Integer> INPUT =
      Map.ofEntries(
          Map.entry("QuantizeLinear", 2),
          Map.entry("com.microsoft/QuantizeLinear", 2),
          Map.entry("QLinearConv", 7),
          Map.entry("com.microsoft/QLinearConv", 7),
          Map.entry("QLinearMatMul", 7),
          Map.entry("com.microsoft/QLinearAdd", 7),
          Map.entry("com.microsoft/QLinearMul", 7),
          Map.entry("com.microsoft/QLinearConcat", 1),
          Map.entry("com.microsoft/QLinearLeakyRelu", 4),
          Map.entry("com.microsoft/QLinearSigmoid", 4),
          Map.entry("com.microsoft/QLinearSoftmax", 4),
          Map.entry("com.microsoft/QLinearAveragePool", 4),
          Map.entry("com.microsoft/QLinearGlobalAveragePool", 4),
          Map.entry("com.microsoft/QLinearReduceMean", 4),
          Map.entry("com.microsoft/QGemm", 8));

  private static final Set<String> MOVES =
      Set.of(
          "MaxPool",
          "Transpose",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Identity",
          "Slice",
          "Split",
          "Concat",
          "Gather",
          "Expand",
          "Tile",
          "Resize",
          "DepthToSpace",
          "SpaceToDepth",
          "com.microsoft/NhwcMaxPool");

  private final ModelFile model;
  private final Graph graph;
  private final Constants constants;

  ZeroPoints(ModelFile model, Constants constants) {
    this.model = model;
    this.graph = model.graph();
    this.constants = constants;
  }

  /** The zero of a tensor that the node produces; empty if it is not one value known beforehand. */
  OptionalLong of(Node producer) {
    Node node = producer;
    // A graph that goes round in circles ends the walk too.
    for (int i = 0; i < graph.nodes().size() && moves(node); i++) {
      Node behind = graph.producer(node.proto().getInput(0)).orElse(null);
      if (behind == null) {
        return OptionalLong.of(0);
      }
      node = behind;
    }
    if (Candidate.op(node).equals("DynamicQuantizeLinear")) {
      return OptionalLong.empty();
    }
    Integer input = INPUT.get(Candidate.op(node));
    if (input == null || input >= node.proto().getInputCount()) {
      return OptionalLong.of(0);
    }
    String name = node.proto().getInput(input);
    return name.isEmpty() ? OptionalLong.of(0) : value(name);
  }

  private static boolean moves(Node node) {
    return MOVES.contains(Candidate.op(node)) && node.proto().getInputCount() > 0;
  }

  private OptionalLong value(String tensor) {
    Initializer zero = constants.source(tensor).flatMap(Constants.Source::initializer).orElse(null);
    if (zero == null || zero.sparse() || zero.elements() == 0 || zero.elements() > 65536) {
      return OptionalLong.empty();
    }
    ByteBuffer values;
    try {
      values = model.data(zero).toBuffer().order(ByteOrder.LITTLE_ENDIAN);
    } catch (OnnxException e) {
      return OptionalLong.empty();
    }
    OptionalLong first = OptionalLong.empty();
    while (values.hasRemaining()) {
      OptionalLong next = integer(values, zero.type());
      if (next.isEmpty() || (first.isPresent() && first.getAsLong() != next.getAsLong())) {
        return OptionalLong.empty();
      }
      first = next;
    }
    return first;
  }

  private static OptionalLong integer(ByteBuffer values, ElementType type) {
    return switch (type) {
      case INT8 -> OptionalLong.of(values.get());
      case UINT8 -> OptionalLong.of(values.get() & 0xff);
      case INT16 -> OptionalLong.of(values.getShort());
      case UINT16 -> OptionalLong.of(values.getShort() & 0xffff);
      case INT32 -> OptionalLong.of(values.getInt());
      default -> OptionalLong.empty();
    };
  }
}
