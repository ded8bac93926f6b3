package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.util.List;

/** Values of a typed field of TensorProto, turned into the layout of raw_data. */
final class TypedStream implements ValueStream {
  private static final int WINDOW = 64 * 1024;

  private final WireCursor cursor;
  private final List<TensorLayout.Run> runs;
  private final int field;
  private final int width;
  private int next;
  private boolean packed;

  /**
   * @param runs runs of one field
   * @param field the field's number
   * @param width bytes that a value takes in raw_data
   */
  TypedStream(ByteSource source, String model, List<TensorLayout.Run> runs, int field, int width) {
    long start = runs.isEmpty() ? 0 : runs.get(0).start();
    long end = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).end();
    this.cursor = new WireCursor(source, model, start, end, WINDOW);
    this.runs = runs;
    this.field = field;
    this.width = width;
    cursor.enter(0, 0);
  }

  @Override
  public void fill(ByteBuffer into) {
    while (into.hasRemaining()) {
      requireMore();
      if (packed && isFixed()) {
        int count = (int) Math.min(into.remaining(), cursor.limit() - cursor.position());
        cursor.take(into, count);
      } else if (packed) {
        put(into, cursor.varint());
      } else {
        putUnpacked(into);
      }
    }
  }

  private void requireMore() {
    while (cursor.atEnd()) {
      if (next == runs.size()) {
        throw cursor.malformed(
            "a tensor with fewer values than its shape asks for", cursor.limit());
      }
      TensorLayout.Run run = runs.get(next++);
      packed = run.packed();
      cursor.enter(run.start(), run.end());
    }
  }

  private void putUnpacked(ByteBuffer into) {
    WireRecord record = cursor.next();
    if (record.wire() == WireRecord.VARINT && !isFixed()) {
      put(into, cursor.varintOf(record));
    } else if (isFixed() && record.wire() == fixedWire()) {
      long back = cursor.position();
      long backLimit = cursor.limit();
      cursor.enter(record.body(), record.end());
      cursor.take(into, (int) Math.min(record.length(), into.remaining()));
      cursor.enter(back, backLimit);
    } else {
      throw cursor.malformed("a value of the wrong wire type", record.start());
    }
  }

  private void put(ByteBuffer into, long value) {
    for (int i = 0; i < width; i++) {
      into.put((byte) (value >>> 8 * i));
    }
  }

  private boolean isFixed() {
    return field == TensorProto.FLOAT_DATA_FIELD_NUMBER
        || field == TensorProto.DOUBLE_DATA_FIELD_NUMBER;
  }

  private int fixedWire() {
    return field == TensorProto.FLOAT_DATA_FIELD_NUMBER ? WireRecord.FIXED32 : WireRecord.FIXED64;
  }

  /** Number of values in the runs; walks over them. */
  static long count(ByteSource source, String model, List<TensorLayout.Run> runs, int field) {
    long count = 0;
    for (TensorLayout.Run run : runs) {
      WireCursor cursor = new WireCursor(source, model, run.start(), run.end(), WINDOW);
      int fixed =
          switch (field) {
            case TensorProto.FLOAT_DATA_FIELD_NUMBER -> 4;
            case TensorProto.DOUBLE_DATA_FIELD_NUMBER -> 8;
            default -> 0;
          };
      if (run.packed() && fixed > 0) {
        if ((run.end() - run.start()) % fixed != 0) {
          throw cursor.malformed("a value is cut off", run.start());
        }
        count += (run.end() - run.start()) / fixed;
      } else {
        while (!cursor.atEnd()) {
          if (run.packed()) {
            cursor.varint();
          } else {
            cursor.next();
          }
          count++;
        }
      }
    }
    return count;
  }
}
