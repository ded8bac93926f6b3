package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes into a buffer that is large enough. */
final class BufferSink implements Sink {
  private final ByteBuffer out;

  BufferSink(ByteBuffer out) {
    this.out = out;
  }

  @Override
  public void write(ByteBuffer bytes) {
    out.put(bytes);
  }

  @Override
  public void copy(ByteSource source, long start, long end) throws IOException {
    int count = (int) (end - start);
    source.read(start, out.slice(out.position(), count));
    out.position(out.position() + count);
  }
}
