package io.sparsescope.onnx;

/**
 * One field of a protobuf message, as a range of a source.
 *
 * @param field field number
 * @param wire wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes
 * @param start where its tag begins
 * @param body where its value begins, behind the length of a length-delimited one
 * @param end behind its last byte
 */
record WireRecord(int field, int wire, long start, long body, long end) {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  long length() {
    return end - body;
  }

  /** Whether this is the given field, holding a message, a string or bytes. */
  boolean isBytes(int number) {
    return field == number && wire == BYTES;
  }
}
