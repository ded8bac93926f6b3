package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes read by position: a file, or memory. Safe for use by several threads. */
interface ByteSource extends AutoCloseable {

  long size();

  /**
   * Fills what remains of {@code into} with the bytes from {@code position} on.
   *
   * @throws java.io.EOFException if there are not that many
   */
  void read(long position, ByteBuffer into) throws IOException;

  @Override
  void close() throws IOException;
}
