package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes to a channel that has no positions, such as a pipe. The operating system hands large
 * ranges of files over by itself, to a pipe without a copy.
 */
final class StreamSink implements Sink {
  private static final int BUFFER = 256 * 1024;
  private static final int LARGE = 64 * 1024;
  private static final long REST_NANOS = 100_000;

  private final WritableByteChannel out;
  private final ByteBuffer pending = ByteBuffer.allocateDirect(BUFFER);

  /**
   * @param out blocks until it has taken something, or takes nothing and is asked again later
   */
  StreamSink(WritableByteChannel out) {
    this.out = out;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      makeRoom();
      int count = Math.min(pending.remaining(), bytes.remaining());
      pending.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
    }
  }

  @Override
  public void copy(ByteSource source, long start, long end) throws IOException {
    if (source instanceof FileSource file && end - start >= LARGE) {
      flush();
      file.transferTo(start, end - start, out);
      return;
    }
    for (long at = start; at < end; ) {
      makeRoom();
      int count = (int) Math.min(pending.remaining(), end - at);
      pending.limit(pending.position() + count);
      source.read(at, pending);
      pending.limit(pending.capacity());
      at += count;
    }
  }

  private void makeRoom() throws IOException {
    if (!pending.hasRemaining()) {
      flush();
    }
  }

  void flush() throws IOException {
    pending.flip();
    while (pending.hasRemaining()) {
      if (out.write(pending) == 0) {
        rest();
      }
    }
    pending.clear();
  }

  /** Lets whoever reads get on before more is written. */
  static void rest() {
    LockSupport.parkNanos(REST_NANOS);
  }
}
