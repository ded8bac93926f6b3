package io.sparsescope.onnx;

import java.io.EOFException;
import java.nio.ByteBuffer;

/** A model in memory. */
final class BufferSource implements ByteSource {
  private final ByteBuffer bytes;

  BufferSource(ByteBuffer bytes) {
    this.bytes = bytes.slice().asReadOnlyBuffer();
  }

  @Override
  public long size() {
    return bytes.limit();
  }

  @Override
  public void read(long position, ByteBuffer into) throws EOFException {
    if (position + into.remaining() > size()) {
      throw new EOFException("it ends at byte " + size());
    }
    into.put(bytes.slice((int) position, into.remaining()));
  }

  @Override
  public void close() {}
}
