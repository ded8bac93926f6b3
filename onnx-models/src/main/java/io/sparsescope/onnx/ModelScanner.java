package io.sparsescope.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Scans a model once from front to back; values of tensors are stepped over. */
final class ModelScanner {
  // What a model cannot sensibly exceed: a crafted file must not fill the heap.
  private static final int MAX_MODEL_FIELDS = 200_000;
  private static final int MAX_GRAPH_FIELDS = 2_000_000;
  private static final int MAX_HEADER = 16 << 20;
  private static final int MAX_VALUE_INFO = 16 << 20;
  private static final int OLDEST_IR_VERSION = 3;

  private final WireCursor cursor;
  private final ByteArrayOutputStream header = new ByteArrayOutputStream();
  private final List<WireRecord> fields = new ArrayList<>();
  private final List<WireRecord> graphFields = new ArrayList<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<WireRecord> nodeRecords = new ArrayList<>();
  private final List<ValueInfoProto> inputs = new ArrayList<>();
  private final List<ValueInfoProto> outputs = new ArrayList<>();
  private final List<ValueInfoProto> valueInfos = new ArrayList<>();
  private final List<InitializerEntry> dense = new ArrayList<>();
  private final List<InitializerEntry> sparse = new ArrayList<>();
  private final List<FunctionProto> functions = new ArrayList<>();
  private String graphName = "";
  private boolean hasGraph;

  private ModelScanner(ByteSource source, String model) {
    cursor = new WireCursor(source, model, 0, source.size());
  }

  /**
   * @throws OnnxException if the source is not an ONNX model of IR version 3 or newer
   */
  static ModelScan scan(ByteSource source, String model) {
    if (source.size() == 0) {
      throw new OnnxException(model + ": is empty, not an ONNX model; export or download it again");
    }
    ModelScanner scanner = new ModelScanner(source, model);
    scanner.scanModel(source.size());
    return scanner.result();
  }

  private void scanModel(long end) {
    while (!cursor.atEnd()) {
      WireRecord record = cursor.next();
      fields.add(record);
      if (fields.size() > MAX_MODEL_FIELDS) {
        throw cursor.malformed("more than " + MAX_MODEL_FIELDS + " fields", record.start());
      }
      if (record.isBytes(ModelProto.GRAPH_FIELD_NUMBER)) {
        hasGraph = true;
        scanGraph(record);
        cursor.enter(record.end(), end);
      } else if (record.isBytes(ModelProto.FUNCTIONS_FIELD_NUMBER)) {
        functions.add(parse(FunctionProto.parser(), record, Elision.Kind.FUNCTION, "function"));
      } else if (record.field() != ModelProto.TRAINING_INFO_FIELD_NUMBER) {
        takeHeader(record);
      }
    }
  }

  private void takeHeader(WireRecord record) {
    // A field too large for the header, say a long description, still survives in the file.
    if (header.size() + record.end() - record.start() <= MAX_HEADER) {
      header.writeBytes(cursor.bytes(record.start(), record.end()));
    }
  }

  private void scanGraph(WireRecord graph) {
    cursor.enter(graph.body(), graph.end());
    while (!cursor.atEnd()) {
      WireRecord record = cursor.next();
      graphFields.add(record);
      if (graphFields.size() > MAX_GRAPH_FIELDS) {
        throw cursor.malformed(
            "a graph of more than " + MAX_GRAPH_FIELDS + " fields", record.start());
      }
      if (record.wire() == WireRecord.BYTES) {
        takeGraphField(record);
      }
      cursor.enter(record.end(), graph.end());
    }
  }

  private void takeGraphField(WireRecord record) {
    switch (record.field()) {
      case GraphProto.NODE_FIELD_NUMBER -> {
        NodeProto node =
            parse(NodeProto.parser(), record, Elision.Kind.NODE, "node " + nodes.size());
        if (node.getOpType().isEmpty()) {
          throw cursor.malformed("node " + nodes.size() + " without an op_type", record.start());
        }
        nodes.add(node);
        nodeRecords.add(record);
      }
      case GraphProto.INITIALIZER_FIELD_NUMBER -> takeInitializer(record);
      case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER -> takeSparse(record);
      case GraphProto.INPUT_FIELD_NUMBER -> inputs.add(valueInfo(record, "graph input"));
      case GraphProto.OUTPUT_FIELD_NUMBER -> outputs.add(valueInfo(record, "graph output"));
      case GraphProto.VALUE_INFO_FIELD_NUMBER -> valueInfos.add(valueInfo(record, "value_info"));
      case GraphProto.NAME_FIELD_NUMBER -> {
        if (record.length() <= MAX_VALUE_INFO) {
          graphName = new String(cursor.bytes(record.body(), record.end()), StandardCharsets.UTF_8);
        }
      }
      default -> {
        // Kept in the file, of no use here.
      }
    }
  }

  private void takeInitializer(WireRecord record) {
    TensorLayout layout = TensorScanner.scan(cursor, record.body(), record.end());
    requireName(layout, record);
    dense.add(
        new InitializerEntry(
            new Initializer(
                layout.name(),
                layout.type(),
                layout.dims(),
                false,
                layout.isExternal(),
                dense.size()),
            record,
            layout,
            null));
  }

  private void takeSparse(WireRecord record) {
    SparseLayout layout = SparseLayout.scan(cursor, record);
    requireName(layout.values(), record);
    sparse.add(
        new InitializerEntry(
            new Initializer(
                layout.values().name(),
                layout.values().type(),
                layout.dims(),
                true,
                layout.values().isExternal(),
                sparse.size()),
            record,
            layout.values(),
            layout.indices()));
  }

  private void requireName(TensorLayout layout, WireRecord record) {
    if (layout.name().isEmpty()) {
      throw cursor.malformed("an initializer without a name", record.start());
    }
  }

  private ValueInfoProto valueInfo(WireRecord record, String what) {
    if (record.length() > MAX_VALUE_INFO) {
      throw cursor.malformed("a " + what + " of " + record.length() + " bytes", record.start());
    }
    return parse(ValueInfoProto.parser(), record, null, what);
  }

  private <T> T parse(Parser<T> parser, WireRecord record, Elision.Kind kind, String what) {
    byte[] bytes =
        kind == null
            ? cursor.bytes(record.body(), record.end())
            : Elision.read(cursor, record, kind);
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw cursor.malformed("broken " + what, record.start());
    }
  }

  private ModelScan result() {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(header.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw cursor.malformed("broken model header", 0);
    }
    if (!hasGraph) {
      throw new OnnxException(
          cursor.model() + ": holds no graph, so it is not an ONNX model; export it again");
    }
    if (!model.hasIrVersion()) {
      throw new OnnxException(
          cursor.model() + ": says no ir_version, so it is not a complete model; export it again");
    }
    if (model.getOpsetImportCount() == 0) {
      throw new OnnxException(
          cursor.model()
              + ": imports no operator set (opset_import), so its nodes have no meaning; export it"
              + " again");
    }
    if (model.getIrVersion() < OLDEST_IR_VERSION) {
      throw new OnnxException(
          cursor.model()
              + ": has ir_version "
              + model.getIrVersion()
              + ", the oldest supported is 3; convert it with a newer exporter");
    }
    return new ModelScan(
        model,
        List.copyOf(fields),
        List.copyOf(graphFields),
        graphName,
        List.copyOf(nodes),
        List.copyOf(nodeRecords),
        List.copyOf(inputs),
        List.copyOf(outputs),
        List.copyOf(valueInfos),
        List.copyOf(dense),
        List.copyOf(sparse),
        List.copyOf(functions));
  }
}
