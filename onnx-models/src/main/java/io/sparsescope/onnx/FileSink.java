package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes to a file: in large pieces, or by the operating system where it is faster. */
final class FileSink implements Sink {
  private static final int BUFFER = 1 << 20;
  private static final int LARGE = 64 * 1024;
  private static final int PAGE = 4096;

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
    if (source instanceof FileSource file && end - start >= LARGE && keepsPages(start)) {
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

  /**
   * Whether what starts here keeps its place within pages. The operating system copies such ranges
   * fastest; others it copies page by page in two halves, slower than through a large buffer.
   */
  private boolean keepsPages(long start) throws IOException {
    return (out.position() + pending.position() - start) % PAGE == 0;
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
