package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Walks over the fields of protobuf messages in a source. Every length is checked against the end
 * of the enclosing message before it is believed. Not safe for use by several threads.
 */
final class WireCursor {
  private static final int WINDOW = 8 * 1024;

  private final ByteSource source;
  private final String model;
  private final byte[] window;
  private long windowStart;
  private int windowLength;
  private long position;
  private long limit;

  WireCursor(ByteSource source, String model, long start, long end) {
    this(source, model, start, end, WINDOW);
  }

  WireCursor(ByteSource source, String model, long start, long end, int windowSize) {
    this.source = source;
    this.model = model;
    this.window = new byte[(int) Math.max(16, Math.min(windowSize, end - start))];
    this.position = start;
    this.limit = end;
  }

  String model() {
    return model;
  }

  long position() {
    return position;
  }

  long limit() {
    return limit;
  }

  boolean atEnd() {
    return position >= limit;
  }

  /** Continues at {@code start} and ends at {@code end}, both inside the source. */
  void enter(long start, long end) {
    position = start;
    limit = end;
  }

  /** Reads the next field's tag and extent and stands behind it. */
  WireRecord next() {
    long start = position;
    long tag = varint();
    int field = (int) (tag >>> 3);
    int wire = (int) (tag & 7);
    if (field == 0 || tag >>> 32 != 0) {
      throw malformed("field number out of range", start);
    }
    long body = position;
    switch (wire) {
      case WireRecord.VARINT -> varint();
      case WireRecord.FIXED64 -> skip(8, start);
      case WireRecord.FIXED32 -> skip(4, start);
      case WireRecord.BYTES -> {
        long length = varint();
        body = position;
        skip(length, start);
      }
      default -> throw malformed("wire type " + wire + " that ONNX does not use", start);
    }
    return new WireRecord(field, wire, start, body, position);
  }

  long varint() {
    long value = 0;
    long start = position;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = octet(start);
      value |= (long) (b & 0x7f) << shift;
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    throw malformed("number of more than ten bytes", start);
  }

  /** Value of a varint record. */
  long varintOf(WireRecord record) {
    long back = position;
    long backLimit = limit;
    enter(record.body(), record.end());
    long value = varint();
    enter(back, backLimit);
    return value;
  }

  /** Copies a range; the caller has bounded its length. */
  byte[] bytes(long start, long end) {
    byte[] bytes = new byte[Math.toIntExact(end - start)];
    copy(start, bytes, 0, bytes.length);
    return bytes;
  }

  void copy(long start, byte[] into, int offset, int count) {
    long inWindow = start - windowStart;
    if (inWindow >= 0 && inWindow + count <= windowLength) {
      System.arraycopy(window, (int) inWindow, into, offset, count);
    } else {
      read(start, ByteBuffer.wrap(into, offset, count));
    }
  }

  /** Moves the next bytes, which lie before the limit, into a buffer. */
  void take(ByteBuffer into, int count) {
    long inWindow = position - windowStart;
    if (inWindow >= 0 && inWindow + count <= windowLength) {
      into.put(window, (int) inWindow, count);
    } else if (count < window.length) {
      fill();
      into.put(window, 0, count);
    } else {
      read(position, into.slice(into.position(), count));
      into.position(into.position() + count);
    }
    position += count;
  }

  OnnxException malformed(String what, long at) {
    return new OnnxException(
        model
            + ": not a valid ONNX model: "
            + what
            + " at byte "
            + at
            + "; export or download it again");
  }

  private void skip(long length, long start) {
    if (length < 0 || length > limit - position) {
      throw malformed("a field is longer than what is left of the file or message", start);
    }
    position += length;
  }

  private int octet(long start) {
    if (position >= limit) {
      throw malformed("a field is cut off", start);
    }
    long inWindow = position - windowStart;
    if (inWindow < 0 || inWindow >= windowLength) {
      fill();
      inWindow = 0;
    }
    position++;
    return window[(int) inWindow];
  }

  private void fill() {
    int count = (int) Math.min(window.length, source.size() - position);
    windowLength = 0;
    read(position, ByteBuffer.wrap(window, 0, count));
    windowStart = position;
    windowLength = count;
  }

  private void read(long start, ByteBuffer into) {
    try {
      source.read(start, into);
    } catch (IOException e) {
      throw new OnnxException(model + ": cannot be read: " + Failures.reason(e), e);
    }
  }
}
