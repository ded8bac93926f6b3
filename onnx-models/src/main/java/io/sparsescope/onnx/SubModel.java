package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A part of a model as a model of its own: the nodes that lie between given tensors and wanted
 * ones, with the initializers that they read. Operator sets, ir_version, metadata and local
 * functions are the model's; external data stays a reference. Bytes are copied from the model when
 * the part is written.
 */
public final class SubModel {
  private final ModelFile model;
  private final Map<String, ValueInfoProto> inputs = new HashMap<>();
  private final List<ValueInfoProto> outputs;
  private final BitSet nodes = new BitSet();
  private final Set<String> initializers = new HashSet<>();
  private final Set<String> produced = new HashSet<>();
  private final Set<String> read = new LinkedHashSet<>();

  private SubModel(ModelFile model, List<ValueInfoProto> inputs, List<ValueInfoProto> outputs) {
    this.model = model;
    inputs.forEach(input -> this.inputs.put(input.getName(), input));
    this.outputs = List.copyOf(outputs);
  }

  /**
   * The part that computes some tensors from others.
   *
   * @param inputs tensors of the main graph that are given: they become inputs, and what computes
   *     them is left out. An initializer may be among them; its values are left out then. Those
   *     that the part does not read are dropped
   * @param outputs tensors of the main graph that it computes, in this order; a declaration without
   *     a type leaves it to be inferred
   * @throws OnnxException if an output is among the inputs, or depends on an input of the model
   *     that is not given
   */
  public static SubModel between(
      ModelFile model, List<ValueInfoProto> inputs, List<ValueInfoProto> outputs) {
    SubModel part = new SubModel(model, inputs, outputs);
    part.collect();
    return part;
  }

  private void collect() {
    Deque<String> open = new ArrayDeque<>();
    for (ValueInfoProto output : outputs) {
      if (inputs.containsKey(output.getName())) {
        throw wrong(output.getName(), "is both given and wanted");
      }
      open.add(output.getName());
    }
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty()) {
      String tensor = open.remove();
      if (!seen.add(tensor)) {
        continue;
      }
      if (inputs.containsKey(tensor)) {
        read.add(tensor);
      } else if (model.graph().initializers().containsKey(tensor)) {
        initializers.add(tensor);
      } else {
        Node producer =
            model
                .graph()
                .producer(tensor)
                .orElseThrow(() -> wrong(tensor, "is needed, but neither given nor computed"));
        if (!nodes.get(producer.index())) {
          nodes.set(producer.index());
          produced.addAll(producer.proto().getOutputList());
          open.addAll(Subgraphs.reads(producer.proto()));
        }
      }
    }
  }

  private OnnxException wrong(String tensor, String what) {
    return new OnnxException(
        model.name()
            + ": cannot be cut: tensor '"
            + Failures.oneLine(tensor)
            + "' "
            + what
            + "; cut it elsewhere");
  }

  /** Names of the given tensors that the part reads: its inputs. */
  public Set<String> inputs() {
    return Set.copyOf(read);
  }

  /** Number of nodes. */
  public int nodes() {
    return nodes.cardinality();
  }

  /**
   * The part in a direct buffer, ready to be read.
   *
   * @throws OnnxException if it cannot be read, or does not fit into a buffer
   */
  public ByteBuffer toDirectBuffer() {
    Parts parts = parts();
    if (parts.length() > Integer.MAX_VALUE - 8) {
      throw new OnnxException(
          model.name()
              + ": a part takes "
              + parts.length()
              + " bytes, too many to hold in memory; move its weights into external data");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) parts.length());
    try {
      parts.write(new BufferSink(buffer));
    } catch (IOException e) {
      throw new OnnxException(model.name() + ": cannot be read: " + Failures.reason(e), e);
    }
    return buffer.flip();
  }

  private Parts parts() {
    Parts parts = new Parts();
    Parts graph = graph();
    for (WireRecord field : model.scan().fields()) {
      if (field.isBytes(ModelProto.GRAPH_FIELD_NUMBER)) {
        if (graph != null) {
          parts.add(ModelProto.GRAPH_FIELD_NUMBER, graph);
        }
        graph = null;
      } else if (field.field() != ModelProto.TRAINING_INFO_FIELD_NUMBER) {
        copy(parts, field);
      }
    }
    return parts;
  }

  private Parts graph() {
    ModelScan scan = model.scan();
    Parts parts = new Parts();
    // The fields of a kind come in the order of the scan's lists.
    Map<Integer, Integer> place = new HashMap<>();
    for (WireRecord field : scan.graphFields()) {
      if (field.wire() != WireRecord.BYTES
          || keeps(field, place.merge(field.field(), 1, Integer::sum) - 1)) {
        copy(parts, field);
      }
    }
    for (String input : read) {
      parts.add(Wire.field(GraphProto.INPUT_FIELD_NUMBER, inputs.get(input)));
    }
    for (ValueInfoProto output : outputs) {
      parts.add(Wire.field(GraphProto.OUTPUT_FIELD_NUMBER, output));
    }
    return parts;
  }

  /** Whether the part has the graph's {@code index}-th field of a kind. */
  private boolean keeps(WireRecord field, int index) {
    ModelScan scan = model.scan();
    return switch (field.field()) {
      case GraphProto.NODE_FIELD_NUMBER -> nodes.get(index);
      case GraphProto.INITIALIZER_FIELD_NUMBER ->
          initializers.contains(scan.dense().get(index).initializer().name());
      case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER ->
          initializers.contains(scan.sparse().get(index).initializer().name());
      // At ir_version 3 initializers are inputs too, and later those that callers may override.
      case GraphProto.INPUT_FIELD_NUMBER ->
          initializers.contains(scan.inputs().get(index).getName());
      case GraphProto.VALUE_INFO_FIELD_NUMBER -> isInside(scan.valueInfos().get(index).getName());
      case GraphProto.OUTPUT_FIELD_NUMBER, GraphProto.QUANTIZATION_ANNOTATION_FIELD_NUMBER -> false;
      default -> true;
    };
  }

  private boolean isInside(String tensor) {
    return produced.contains(tensor)
        && outputs.stream().noneMatch(output -> output.getName().equals(tensor));
  }

  private void copy(Parts parts, WireRecord field) {
    parts.add(model.source(), field.start(), field.end());
  }
}
