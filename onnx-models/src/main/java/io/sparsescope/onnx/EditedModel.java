package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays out an edited model: what is encoded anew, what is copied from where. */
final class EditedModel {
  private final ModelFile model;
  private final Changes changes;
  private final InitializerParts initializers;

  /**
   * @param data where mapped external values go; null to make them part of the model
   */
  EditedModel(ModelFile model, Changes changes, DataFile data) {
    this.model = model;
    this.changes = changes;
    this.initializers = new InitializerParts(model.source(), model.reader(), data);
  }

  /**
   * @throws OnnxException if it would be larger than protobuf allows
   */
  Parts parts() {
    Parts parts = new Parts();
    if (changes.isEmpty()) {
      parts.add(model.source(), 0, model.size());
      return parts;
    }
    Parts graph = changes.keepsGraph() ? null : graph();
    Map<String, String> metadata = new LinkedHashMap<>(changes.metadata);
    for (WireRecord field : model.scan().fields()) {
      if (field.isBytes(ModelProto.GRAPH_FIELD_NUMBER) && !changes.keepsGraph()) {
        // Several graph fields are one graph to protobuf: the first one takes all.
        if (graph != null) {
          parts.add(ModelProto.GRAPH_FIELD_NUMBER, graph);
        }
        graph = null;
      } else if (field.isBytes(ModelProto.METADATA_PROPS_FIELD_NUMBER)
          && changes.metadata.containsKey(key(field))) {
        String value = metadata.remove(key(field));
        if (value != null) {
          parts.add(entry(key(field), value));
        }
      } else {
        copy(parts, field);
      }
    }
    metadata.forEach((key, value) -> parts.add(entry(key, value)));
    changes.opsets.forEach((domain, version) -> parts.add(opset(domain, version)));
    if (parts.length() > Integer.MAX_VALUE) {
      throw new OnnxException(
          model.name()
              + ": would take "
              + parts.length()
              + " bytes after the edit, more than the 2 GiB that an ONNX file can; move its weights"
              + " into external data");
    }
    return parts;
  }

  private Parts graph() {
    Parts parts = new Parts();
    int node = 0;
    int dense = 0;
    int sparse = 0;
    int nodes = model.scan().nodes().size();
    if (nodes == 0) {
      addNodes(parts, changes.first);
      addNodes(parts, changes.last);
    }
    for (WireRecord field : model.scan().graphFields()) {
      if (field.isBytes(GraphProto.NODE_FIELD_NUMBER)) {
        addNode(parts, field, node++, nodes);
      } else if (field.isBytes(GraphProto.INITIALIZER_FIELD_NUMBER)) {
        addInitializer(parts, model.scan().dense().get(dense++));
      } else if (field.isBytes(GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER)) {
        addInitializer(parts, model.scan().sparse().get(sparse++));
      } else {
        copy(parts, field);
      }
    }
    changes.initializers.forEach(
        tensor -> parts.add(Wire.field(GraphProto.INITIALIZER_FIELD_NUMBER, tensor)));
    changes.inputs.forEach(input -> parts.add(Wire.field(GraphProto.INPUT_FIELD_NUMBER, input)));
    changes.outputs.forEach(
        output -> parts.add(Wire.field(GraphProto.OUTPUT_FIELD_NUMBER, output)));
    return parts;
  }

  private void addNode(Parts parts, WireRecord field, int index, int nodes) {
    if (index == 0) {
      addNodes(parts, changes.first);
    }
    NodeProto edited = changes.edited.get(index);
    if (edited == null) {
      copy(parts, field);
    } else {
      parts.add(Wire.field(GraphProto.NODE_FIELD_NUMBER, edited));
    }
    addNodes(parts, changes.behind.getOrDefault(index, List.of()));
    if (index == nodes - 1) {
      addNodes(parts, changes.last);
    }
  }

  private static void addNodes(Parts parts, List<NodeProto> nodes) {
    nodes.forEach(node -> parts.add(Wire.field(GraphProto.NODE_FIELD_NUMBER, node)));
  }

  private void addInitializer(Parts parts, InitializerEntry entry) {
    var change = changes.mapped.get(entry);
    if (change == null) {
      copy(parts, entry.record());
    } else {
      initializers.add(parts, entry, change);
    }
  }

  private void copy(Parts parts, WireRecord field) {
    parts.add(model.source(), field.start(), field.end());
  }

  private String key(WireRecord field) {
    WireCursor cursor = new WireCursor(model.source(), model.name(), field.body(), field.end());
    String key = "";
    while (!cursor.atEnd()) {
      WireRecord record = cursor.next();
      if (record.isBytes(StringStringEntryProto.KEY_FIELD_NUMBER)) {
        key = new String(cursor.bytes(record.body(), record.end()), StandardCharsets.UTF_8);
      }
    }
    return key;
  }

  private static byte[] opset(String domain, int version) {
    return Wire.field(
        ModelProto.OPSET_IMPORT_FIELD_NUMBER,
        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build());
  }

  private static byte[] entry(String key, String value) {
    return Wire.field(
        ModelProto.METADATA_PROPS_FIELD_NUMBER,
        StringStringEntryProto.newBuilder().setKey(key).setValue(value).build());
  }
}
