package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Lays out initializers whose values change; the values themselves are only read when written. */
final class InitializerParts {
  private final ByteSource source;
  private final TensorReader reader;
  private final DataFile data;
  // Shared by all values, which are written one after the other.
  private ByteBuffer chunk;

  InitializerParts(ByteSource source, TensorReader reader, DataFile data) {
    this.source = source;
    this.reader = reader;
    this.data = data;
  }

  void add(Parts graph, InitializerEntry entry, Supplier<Consumer<ByteBuffer>> change) {
    if (!entry.initializer().sparse()) {
      graph.add(GraphProto.INITIALIZER_FIELD_NUMBER, tensor(entry.values(), change));
      return;
    }
    Parts sparse = new Parts();
    WireCursor cursor =
        new WireCursor(source, reader.model(), entry.record().body(), entry.record().end());
    while (!cursor.atEnd()) {
      WireRecord field = cursor.next();
      if (field.isBytes(SparseTensorProto.VALUES_FIELD_NUMBER)) {
        sparse.add(SparseTensorProto.VALUES_FIELD_NUMBER, tensor(entry.values(), change));
      } else {
        sparse.add(source, field.start(), field.end());
      }
    }
    graph.add(GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER, sparse);
  }

  /** The tensor with its values as raw_data, or as external data where they were external. */
  private Parts tensor(TensorLayout layout, Supplier<Consumer<ByteBuffer>> change) {
    Parts parts = new Parts();
    WireCursor cursor = new WireCursor(source, reader.model(), layout.start(), layout.end());
    while (!cursor.atEnd()) {
      WireRecord field = cursor.next();
      if (!isReplaced(field)) {
        parts.add(source, field.start(), field.end());
      }
    }
    long bytes = reader.bytes(layout);
    Parts.Writer values = sink -> writeChanged(layout, bytes, change, sink);
    if (layout.isExternal() && data != null) {
      addExternal(parts, layout, data.add(bytes, values), bytes);
    } else {
      parts.add(Wire.tag(TensorProto.RAW_DATA_FIELD_NUMBER, bytes));
      parts.add(bytes, values);
    }
    return parts;
  }

  private static boolean isReplaced(WireRecord field) {
    return TensorScanner.holdsValues(field.field())
        || field.field() == TensorProto.EXTERNAL_DATA_FIELD_NUMBER
        || field.field() == TensorProto.DATA_LOCATION_FIELD_NUMBER;
  }

  private void addExternal(Parts parts, TensorLayout layout, long offset, long bytes) {
    Map<String, String> entries = new LinkedHashMap<>(layout.external());
    // The digest was that of the old values.
    entries.remove("checksum");
    entries.put("location", data.location());
    entries.put("offset", Long.toString(offset));
    entries.put("length", Long.toString(bytes));
    TensorProto.Builder fields =
        TensorProto.newBuilder().setDataLocation(TensorProto.DataLocation.EXTERNAL);
    entries.forEach(
        (key, value) ->
            fields.addExternalData(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    parts.add(fields.build().toByteArray());
  }

  private void writeChanged(
      TensorLayout layout, long bytes, Supplier<Consumer<ByteBuffer>> change, Sink sink)
      throws IOException {
    if (chunk == null) {
      chunk = ByteBuffer.allocateDirect(StoredTensor.CHUNK);
    }
    Consumer<ByteBuffer> changing = change.get();
    try (ValueStream values = reader.open(layout)) {
      for (long left = bytes; left > 0; left -= chunk.limit()) {
        chunk.clear().limit((int) Math.min(left, chunk.capacity()));
        values.fill(chunk);
        chunk.flip();
        changing.accept(chunk.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        sink.write(chunk.duplicate());
      }
    }
  }
}
