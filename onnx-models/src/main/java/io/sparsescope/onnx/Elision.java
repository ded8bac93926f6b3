package io.sparsescope.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Copies a message that holds nodes without the values of large tensors in it, so that nodes can be
 * parsed whatever their attributes weigh. A tensor that was left out says where it lies.
 */
final class Elision {
  /** A message of at most this many bytes is copied whole. */
  static final int SMALL = 64 * 1024;

  private static final int MAX_MESSAGE = 128 << 20;
  private static final int MAX_DEPTH = 100;
  // Not used by ONNX; dropped where a model has it in a tensor that is left out.
  private static final int PLACE_FIELD = 536_870_910;

  /** Messages in which large tensors may lie. */
  enum Kind {
    NODE,
    ATTRIBUTE,
    TENSOR,
    SPARSE_TENSOR,
    GRAPH,
    FUNCTION;

    /** Kind of the message in a field, or null. */
    private Kind at(int field) {
      return switch (this) {
        case NODE -> field == 5 ? ATTRIBUTE : null;
        case ATTRIBUTE ->
            switch (field) {
              case 5, 10 -> TENSOR;
              case 6, 11 -> GRAPH;
              case 22, 23 -> SPARSE_TENSOR;
              default -> null;
            };
        case SPARSE_TENSOR -> field == 1 || field == 2 ? TENSOR : null;
        case GRAPH ->
            switch (field) {
              case 1 -> NODE;
              case 5 -> TENSOR;
              case 15 -> SPARSE_TENSOR;
              default -> null;
            };
        case FUNCTION ->
            switch (field) {
              case 7 -> NODE;
              case 11 -> ATTRIBUTE;
              default -> null;
            };
        case TENSOR -> null;
      };
    }
  }

  /** The range of a tensor in the model's bytes. */
  record Place(long start, long end) {}

  private final WireCursor cursor;
  private final long recordStart;

  private Elision(WireCursor cursor, long recordStart) {
    this.cursor = cursor;
    this.recordStart = recordStart;
  }

  /** The message of a record, complete if it is small. */
  static byte[] read(WireCursor cursor, WireRecord record, Kind kind) {
    if (record.length() <= SMALL) {
      return cursor.bytes(record.body(), record.end());
    }
    long back = cursor.position();
    long backLimit = cursor.limit();
    byte[] bytes =
        new Elision(cursor, record.start())
            .copy(record.body(), record.end(), kind, 0)
            .toByteArray();
    cursor.enter(back, backLimit);
    return bytes;
  }

  /** Where the values of a tensor lie that was left out of a node; empty if it is whole. */
  static Optional<Place> placeOf(TensorProto tensor) {
    UnknownFieldSet unknown = tensor.getUnknownFields();
    List<Long> place = unknown.getField(PLACE_FIELD).getFixed64List();
    return place.size() == 2
        ? Optional.of(new Place(place.get(0), place.get(1)))
        : Optional.empty();
  }

  private ByteArrayOutputStream copy(long start, long end, Kind kind, int depth) {
    if (depth > MAX_DEPTH) {
      throw cursor.malformed("messages nested more than " + MAX_DEPTH + " deep", start);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    cursor.enter(start, end);
    while (!cursor.atEnd()) {
      WireRecord record = cursor.next();
      Kind inner = kind.at(record.field());
      if (kind == Kind.TENSOR && leavesOut(record)) {
        continue;
      }
      if (inner != null && record.wire() == WireRecord.BYTES && record.length() > SMALL) {
        ByteArrayOutputStream message = copy(record.body(), record.end(), inner, depth + 1);
        cursor.enter(record.end(), end);
        append(out, record.field(), message);
      } else {
        append(out, record);
      }
    }
    if (kind == Kind.TENSOR) {
      out.writeBytes(place(start, end));
    }
    return out;
  }

  private static boolean leavesOut(WireRecord record) {
    return TensorScanner.holdsValues(record.field()) || record.field() == PLACE_FIELD;
  }

  private void append(ByteArrayOutputStream out, WireRecord record) {
    checkSize(out.size() + record.end() - record.start());
    out.writeBytes(cursor.bytes(record.start(), record.end()));
  }

  private void append(ByteArrayOutputStream out, int field, ByteArrayOutputStream message) {
    checkSize((long) out.size() + message.size());
    out.writeBytes(Wire.tag(field, message.size()));
    out.writeBytes(message.toByteArray());
  }

  private void checkSize(long size) {
    if (size > MAX_MESSAGE) {
      throw cursor.malformed(
          "a node or function of more than " + MAX_MESSAGE + " bytes, tensors not counted",
          recordStart);
    }
  }

  private static byte[] place(long start, long end) {
    byte[] bytes =
        new byte
            [CodedOutputStream.computeFixed64Size(PLACE_FIELD, start)
                + CodedOutputStream.computeFixed64Size(PLACE_FIELD, end)];
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeFixed64(PLACE_FIELD, start);
      out.writeFixed64(PLACE_FIELD, end);
      out.flush();
    } catch (IOException e) {
      throw new AssertionError("an array of the computed size is large enough", e);
    }
    return bytes;
  }
}
