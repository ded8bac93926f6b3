package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.transform.CountMode;
import io.sparsescope.rewriter.transform.Counting;
import io.sparsescope.rewriter.transform.ThresholdNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Taps: floats are counted in the graph; integers, and what the model's opset cannot count, become
 * outputs that the reader counts, and so does everything in {@link CountMode#TENSORS}.
 */
final class Taps {
  private final Workspace w;
  private final Blocks blocks;
  private final ZeroPoints zeroPoints;
  private final Counting counting;
  private final boolean inGraph;
  private final List<Tap> counted = new ArrayList<>();
  private final List<Tap> raw = new ArrayList<>();

  Taps(Workspace workspace, Blocks blocks, CountMode mode, boolean channels) {
    this.w = workspace;
    this.blocks = blocks;
    this.inGraph = mode != CountMode.TENSORS && workspace.opset() >= ThresholdNodes.FIRST_OPSET;
    this.zeroPoints = new ZeroPoints(workspace.model(), workspace.constants());
    this.counting =
        new Counting(workspace.graph(), workspace.edit(), workspace.ops(), mode, channels);
  }

  void place(Node node, String tensor) {
    TensorType type =
        w.graph().type(tensor).orElse(new TensorType(ElementType.UNDEFINED, OptionalInt.empty()));
    if (!isCountable(type.element())) {
      skip(node, tensor, type.element().label() + " tensors are not counted");
    } else if (type.element() == ElementType.UNDEFINED && !makesTensors(node)) {
      skip(node, tensor, "its type is not known or no tensor's");
    } else if (type.element().isFloat() && inGraph) {
      counted.add(tap(node, tensor, type, counting.count(node, tensor, type), "", 0));
    } else {
      OptionalLong zero = type.element().isFloat() ? OptionalLong.of(0) : zeroPoints.of(node);
      if (zero.isEmpty()) {
        skip(node, tensor, "its zero point is not one value known before the run");
      } else {
        raw.add(tap(node, tensor, type, -1, output(node, tensor, type), zero.getAsLong()));
      }
    }
  }

  /** Whether any tensor is counted in the graph. */
  boolean countsInGraph() {
    return !counted.isEmpty();
  }

  /** Number of tensors that are counted in ONNX Runtime's blocked layout by native operators. */
  int blockedLayout() {
    return counting.blockedLayout();
  }

  /** Adds the counts' outputs; returns the taps, those counted by the reader last. */
  List<Tap> finish() {
    counting.finish(Rewrite.COUNTS, Rewrite.CHANNELS);
    List<Integer> channels = counting.channels();
    List<Integer> channelsAt = counting.channelsAt();
    List<Tap> all = new ArrayList<>();
    for (Tap tap : counted) {
      all.add(tap.withChannels(channels.get(tap.row()), channelsAt.get(tap.row())));
    }
    all.addAll(raw);
    return all;
  }

  private void skip(Node node, String tensor, String reason) {
    w.skipped().add(new Skip(node.name(), tensor, reason));
  }

  /**
   * Whether what the node makes is sure to be a tensor although its type is not known. ONNX's own
   * operators that leave it open make sequences, maps or optionals, of which a copy is an error.
   */
  private static boolean makesTensors(Node node) {
    return !node.isStandard() && !node.domain().equals("ai.onnx.ml");
  }

  /** An unknown type is left to the reader, who sees the tensor. */
  private static boolean isCountable(ElementType type) {
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
      case UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64, BOOL, UNDEFINED -> true;
      default -> false;
    };
  }

  private Tap tap(
      Node node, String tensor, TensorType type, int row, String output, long zeroPoint) {
    Optional<Layer> layer = w.layers().holding(node);
    String name = layer.map(Layer::name).orElse("");
    return new Tap(
        node.name(),
        Candidate.op(node),
        tensor,
        name,
        blocks.of(name),
        type.element(),
        row,
        output,
        zeroPoint,
        0,
        0);
  }

  /** The tensor as an output of the graph: itself if it is one already, else a copy. */
  private String output(Node node, String tensor, TensorType type) {
    if (w.graph().isOutput(tensor)) {
      return tensor;
    }
    String name = w.names().take(Rewrite.PREFIX + "raw/" + raw.size());
    NodeProto copy =
        NodeProto.newBuilder()
            .setOpType("Identity")
            .setName(name)
            .addInput(tensor)
            .addOutput(name)
            .build();
    w.edit().insertAfter(node, List.of(copy));
    ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
    if (type.element() != ElementType.UNDEFINED) {
      TypeProto.Tensor.Builder t =
          TypeProto.Tensor.newBuilder().setElemType(type.element().number());
      info.setType(TypeProto.newBuilder().setTensorType(t));
    }
    w.edit().addOutput(info.build());
    return name;
  }
}
