package io.sparsescope.onnx;

import com.google.protobuf.MessageLite;

/** Encodes fields of protobuf messages. */
final class Wire {
  private Wire() {}

  /** Tag and length of a length-delimited field. */
  static byte[] tag(int field, long length) {
    byte[] bytes = new byte[20];
    int n = varint(bytes, 0, (long) field << 3 | WireRecord.BYTES);
    n = varint(bytes, n, length);
    return java.util.Arrays.copyOf(bytes, n);
  }

  /** A message as a field. */
  static byte[] field(int field, MessageLite message) {
    byte[] body = message.toByteArray();
    byte[] tag = tag(field, body.length);
    byte[] bytes = java.util.Arrays.copyOf(tag, tag.length + body.length);
    System.arraycopy(body, 0, bytes, tag.length, body.length);
    return bytes;
  }

  private static int varint(byte[] into, int offset, long value) {
    int n = offset;
    long left = value;
    while ((left & ~0x7fL) != 0) {
      into[n++] = (byte) (left & 0x7f | 0x80);
      left >>>= 7;
    }
    into[n++] = (byte) left;
    return n;
  }
}
