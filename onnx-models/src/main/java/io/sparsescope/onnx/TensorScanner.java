package io.sparsescope.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scans one TensorProto without reading its values. */
final class TensorScanner {
  private static final int MAX_DIMS = 1024;
  private static final int MAX_TEXT = 1 << 20;
  private static final int MAX_ENTRIES = 64;
  private static final int MAX_RUNS = 1 << 16;

  private final WireCursor cursor;
  private final List<Long> dims = new ArrayList<>();
  private final List<TensorLayout.Run> runs = new ArrayList<>();
  private final Map<String, String> external = new LinkedHashMap<>();
  private String name = "";
  private int dataType;
  private WireRecord raw;
  private boolean isExternal;
  private boolean segmented;

  private TensorScanner(WireCursor cursor) {
    this.cursor = cursor;
  }

  /** Scans the message in [start, end); the cursor stands anywhere afterwards. */
  static TensorLayout scan(WireCursor cursor, long start, long end) {
    TensorScanner scanner = new TensorScanner(cursor);
    cursor.enter(start, end);
    while (!cursor.atEnd()) {
      scanner.take(cursor.next());
    }
    for (long dim : scanner.dims) {
      if (dim < 0) {
        throw cursor.malformed(
            "a tensor" + scanner.quoted() + " with the negative dimension " + dim, start);
      }
    }
    if (Shapes.elements(scanner.dims) < 0) {
      throw cursor.malformed("a tensor" + scanner.quoted() + " of impossible shape", start);
    }
    return new TensorLayout(
        start,
        end,
        scanner.name,
        scanner.dataType,
        List.copyOf(scanner.dims),
        scanner.raw,
        List.copyOf(scanner.runs),
        scanner.external,
        scanner.isExternal,
        scanner.segmented);
  }

  /** Whether a field of TensorProto holds values. */
  static boolean holdsValues(int field) {
    return switch (field) {
      case TensorProto.FLOAT_DATA_FIELD_NUMBER,
          TensorProto.INT32_DATA_FIELD_NUMBER,
          TensorProto.STRING_DATA_FIELD_NUMBER,
          TensorProto.INT64_DATA_FIELD_NUMBER,
          TensorProto.RAW_DATA_FIELD_NUMBER,
          TensorProto.DOUBLE_DATA_FIELD_NUMBER,
          TensorProto.UINT64_DATA_FIELD_NUMBER ->
          true;
      default -> false;
    };
  }

  private void take(WireRecord record) {
    switch (record.field()) {
      case TensorProto.DIMS_FIELD_NUMBER -> takeDims(record);
      case TensorProto.DATA_TYPE_FIELD_NUMBER -> {
        if (record.wire() == WireRecord.VARINT) {
          dataType = (int) cursor.varintOf(record);
        }
      }
      case TensorProto.DATA_LOCATION_FIELD_NUMBER -> {
        if (record.wire() == WireRecord.VARINT) {
          isExternal = cursor.varintOf(record) == TensorProto.DataLocation.EXTERNAL_VALUE;
        }
      }
      case TensorProto.SEGMENT_FIELD_NUMBER -> segmented = true;
      case TensorProto.NAME_FIELD_NUMBER -> {
        if (record.wire() == WireRecord.BYTES) {
          name = text(record);
        }
      }
      case TensorProto.EXTERNAL_DATA_FIELD_NUMBER -> {
        if (record.wire() == WireRecord.BYTES) {
          takeEntry(record);
        }
      }
      case TensorProto.RAW_DATA_FIELD_NUMBER -> {
        if (record.wire() == WireRecord.BYTES) {
          raw = record;
        }
      }
      default -> {
        // Strings are never read as values, and there may be very many.
        if (holdsValues(record.field()) && record.field() != TensorProto.STRING_DATA_FIELD_NUMBER) {
          takeRun(record);
        }
      }
    }
  }

  private void takeDims(WireRecord record) {
    if (record.wire() == WireRecord.VARINT) {
      addDim(cursor.varintOf(record), record);
    } else if (record.wire() == WireRecord.BYTES) {
      long back = cursor.position();
      long backLimit = cursor.limit();
      cursor.enter(record.body(), record.end());
      while (!cursor.atEnd()) {
        addDim(cursor.varint(), record);
      }
      cursor.enter(back, backLimit);
    }
  }

  private void addDim(long dim, WireRecord record) {
    if (dims.size() == MAX_DIMS) {
      throw cursor.malformed(
          "a tensor" + quoted() + " of more than " + MAX_DIMS + " dimensions", record.start());
    }
    dims.add(dim);
  }

  private void takeEntry(WireRecord record) {
    if (external.size() == MAX_ENTRIES || record.length() > MAX_TEXT) {
      throw cursor.malformed("too much external_data at a tensor" + quoted(), record.start());
    }
    try {
      StringStringEntryProto entry =
          StringStringEntryProto.parseFrom(cursor.bytes(record.body(), record.end()));
      external.put(entry.getKey(), entry.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw cursor.malformed("broken external_data at a tensor" + quoted(), record.start());
    }
  }

  private void takeRun(WireRecord record) {
    boolean packed = record.wire() == WireRecord.BYTES;
    long start = packed ? record.body() : record.start();
    int last = runs.size() - 1;
    if (!packed && last >= 0) {
      // Unpacked values stand each behind a tag: one run however many they are.
      TensorLayout.Run run = runs.get(last);
      if (!run.packed() && run.field() == record.field() && run.end() == start) {
        runs.set(last, new TensorLayout.Run(run.field(), run.start(), record.end(), false));
        return;
      }
    }
    if (runs.size() == MAX_RUNS) {
      throw cursor.malformed("values in too many pieces at a tensor" + quoted(), record.start());
    }
    runs.add(new TensorLayout.Run(record.field(), start, record.end(), packed));
  }

  private String text(WireRecord record) {
    if (record.length() > MAX_TEXT) {
      throw cursor.malformed("a name of " + record.length() + " bytes", record.start());
    }
    return new String(cursor.bytes(record.body(), record.end()), StandardCharsets.UTF_8);
  }

  private String quoted() {
    return name.isEmpty() ? "" : " '" + Failures.oneLine(name) + "'";
  }
}
