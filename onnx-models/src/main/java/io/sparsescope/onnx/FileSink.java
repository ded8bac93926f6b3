package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes to a file: small pieces gathered, large ranges of files by the operating system. */
final class FileSink implements Sink {
  private static final int BUFFER = 128 * 1024;
  private static final int LARGE = 64 * 1024;

  private final FileChannel out;
  private final ByteBuffer pending = ByteBuffer.allocateDirect(BUFFER);

  FileSink(FileChannel out) {
    this.out = out;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() >= LARGE) {
      flush();
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
    while (bytes.hasRemaining()) {
      if (!pending.hasRemaining()) {
        flush();
      }
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
      if (!pending.hasRemaining()) {
        flush();
      }
      int count = (int) Math.min(pending.remaining(), end - at);
      pending.limit(pending.position() + count);
      source.read(at, pending);
      pending.limit(pending.capacity());
      at += count;
    }
  }

  /** Writes zeros up to a position, as a hole where the file system can. */
  void padTo(long position) throws IOException {
    flush();
    out.position(position);
  }

  void flush() throws IOException {
    pending.flip();
    while (pending.hasRemaining()) {
      out.write(pending);
    }
    pending.clear();
  }
}
