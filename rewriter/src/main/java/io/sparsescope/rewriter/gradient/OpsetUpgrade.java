package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.transform.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Raises nodes of opset 7 to 17 to opset 18, which has as inputs what older operators have as
 * attributes. Newer models stay as they are.
 */
final class OpsetUpgrade {
  /** The version of ai.onnx that step graphs have at least. */
  static final int OPSET = 18;

  private static final int FIRST = 7;

  private final ModelFile model;
  private final int opset;
  private final Names names;
  private final Map<String, List<Long>> shapes;
  private final List<TensorProto> constants = new ArrayList<>();

  /**
   * @throws RewriteException if the model's opset is too old
   */
  OpsetUpgrade(ModelFile model) {
    this.model = model;
    opset = model.opset("");
    if (opset < FIRST) {
      throw new RewriteException(
          "model "
              + model.name()
              + ": has opset "
              + opset
              + ", training needs 7 or newer: convert it (onnx.version_converter)");
    }
    names = new Names(model.graph());
    shapes = opset < OPSET ? ShapeInference.infer(model) : Map.of();
  }

  /** The version of ai.onnx that the upgraded nodes have. */
  int result() {
    return Math.max(OPSET, opset);
  }

  /** Constants that upgraded nodes read. */
  List<TensorProto> constants() {
    return constants;
  }

  /**
   * What a node becomes.
   *
   * @param whole the node with all that its attributes hold
   * @throws RewriteException if it has no counterpart in opset 18
   */
  List<NodeProto> upgrade(Node node, NodeProto whole) {
    if (opset >= OPSET) {
      return List.of(whole);
    }
    if (whole.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)) {
      throw failure(node, "holds a subgraph, which is not converted");
    }
    return node.isStandard() ? standard(node, whole) : List.of(whole);
  }

  private List<NodeProto> standard(Node node, NodeProto n) {
    return switch (n.getOpType()) {
      case "Softmax", "LogSoftmax", "Hardmax" -> opset < 13 ? softmax(n) : List.of(n);
      case "BatchNormalization" -> List.of(normalization(node, n));
      case "Dropout" -> List.of(opset < 12 ? realToInput(n, "ratio", 1) : n);
      case "Clip" -> List.of(opset < 11 ? clip(n) : n);
      case "Pad" -> List.of(opset < 11 ? pad(n) : n);
      case "Slice" -> List.of(opset < 10 ? slice(node, n) : n);
      case "Split" -> List.of(split(n));
      case "TopK" -> List.of(opset < 10 ? topK(n) : n);
      case "ReduceSum", "Squeeze", "Unsqueeze" -> List.of(listToInput(n, "axes", 1));
      case "ReduceMean",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceSumSquare" ->
          List.of(listToInput(n, "axes", 1));
      case "Scatter" -> List.of(n.toBuilder().setOpType("ScatterElements").build());
      case "Upsample" -> throw failure(node, "is gone since opset 10");
      case "Resize" -> {
        if (opset < 11) {
          throw failure(node, "means another thing since opset 11");
        }
        yield List.of(n);
      }
      default -> List.of(n);
    };
  }

  /** Until opset 13 all dimensions from the axis on were one. */
  private List<NodeProto> softmax(NodeProto n) {
    long axis = attribute(n, "axis").map(AttributeProto::getI).orElse(1L);
    List<Long> shape = shapes.get(n.getInput(0));
    NodeProto last = without(n, "axis").addAttribute(Nodes.integer("axis", -1)).build();
    if (shape != null && (axis == -1 || axis == shape.size() - 1)) {
      return List.of(last);
    }
    String scope = nameOf(n);
    String flat = names.take(scope + "/Flatten");
    String result = names.take(scope + "/flat");
    String dims = names.take(scope + "/Shape");
    return List.of(
        Nodes.node(
            "Flatten", List.of(n.getInput(0)), List.of(flat), flat, Nodes.integer("axis", axis)),
        last.toBuilder().setInput(0, flat).setOutput(0, result).build(),
        Nodes.node("Shape", List.of(n.getInput(0)), List.of(dims), dims),
        Nodes.node(
            "Reshape",
            List.of(result, dims),
            List.of(n.getOutput(0)),
            names.take(scope + "/Reshape")));
  }

  private NodeProto normalization(Node node, NodeProto n) {
    if (attribute(n, "spatial").map(AttributeProto::getI).orElse(1L) == 0) {
      throw failure(node, "has spatial 0");
    }
    return without(n, "spatial").build();
  }

  private NodeProto clip(NodeProto n) {
    return realToInput(realToInput(n, "min", 1), "max", 2);
  }

  private NodeProto pad(NodeProto n) {
    return realToInput(listToInput(n, "pads", 1), "value", 2);
  }

  private NodeProto slice(Node node, NodeProto n) {
    NodeProto axes = n;
    if (attribute(n, "axes").isEmpty() && n.getInputCount() == 1) {
      int count = attribute(n, "starts").map(AttributeProto::getIntsCount).orElse(0);
      long[] first = java.util.stream.LongStream.range(0, count).toArray();
      axes = n.toBuilder().addAttribute(Nodes.integers("axes", first)).build();
    }
    if (attribute(n, "starts").isEmpty()) {
      throw failure(node, "has no starts");
    }
    return listToInput(listToInput(listToInput(axes, "starts", 1), "ends", 2), "axes", 3);
  }

  private NodeProto split(NodeProto n) {
    NodeProto parts = listToInput(n, "split", 1);
    return parts.getInputCount() > 1
        ? parts
        : parts.toBuilder().addAttribute(Nodes.integer("num_outputs", n.getOutputCount())).build();
  }

  private NodeProto topK(NodeProto n) {
    long k = attribute(n, "k").map(AttributeProto::getI).orElse(1L);
    return input(without(n, "k"), 1, Tensors.int64s(constant(n, "k"), new long[] {k}, 1));
  }

  private NodeProto listToInput(NodeProto n, String attribute, int input) {
    Optional<AttributeProto> list = attribute(n, attribute);
    if (list.isEmpty()) {
      return n;
    }
    long[] values = list.get().getIntsList().stream().mapToLong(Long::longValue).toArray();
    return input(
        without(n, attribute),
        input,
        Tensors.int64s(constant(n, attribute), values, values.length));
  }

  private NodeProto realToInput(NodeProto n, String attribute, int input) {
    Optional<AttributeProto> real = attribute(n, attribute);
    return real.isEmpty()
        ? n
        : input(
            without(n, attribute),
            input,
            Tensors.floats(constant(n, attribute), new float[] {real.get().getF()}));
  }

  private NodeProto input(NodeProto.Builder n, int input, TensorProto value) {
    constants.add(value);
    while (n.getInputCount() < input) {
      n.addInput("");
    }
    if (n.getInputCount() == input) {
      n.addInput(value.getName());
    } else {
      n.setInput(input, value.getName());
    }
    return n.build();
  }

  private String constant(NodeProto n, String attribute) {
    return names.take(nameOf(n) + "/" + attribute);
  }

  private static String nameOf(NodeProto n) {
    return n.getName().isEmpty() ? n.getOutput(0) : n.getName();
  }

  private static NodeProto.Builder without(NodeProto n, String attribute) {
    NodeProto.Builder b = n.toBuilder().clearAttribute();
    n.getAttributeList().stream()
        .filter(a -> !a.getName().equals(attribute))
        .forEach(b::addAttribute);
    return b;
  }

  private static Optional<AttributeProto> attribute(NodeProto n, String name) {
    return n.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  private RewriteException failure(Node node, String what) {
    return new RewriteException(
        "model "
            + model.name()
            + ", node "
            + node.name()
            + ": "
            + node.op()
            + " of opset "
            + opset
            + " "
            + what
            + ": export the model with opset 18");
  }
}
