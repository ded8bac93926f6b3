package io.sparsescope.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file, read where needed and never mapped. */
final class FileSource implements ByteSource {
  private final FileChannel channel;
  private final long size;

  FileSource(Path path) throws IOException {
    channel = FileChannel.open(path, StandardOpenOption.READ);
    size = channel.size();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int n = channel.read(into, at);
      if (n < 0) {
        throw new EOFException("it ends at byte " + at);
      }
      at += n;
    }
  }

  /**
   * Lets the operating system copy a range to where {@code out} stands; where that takes nothing at
   * the moment, as a full pipe does not, after a while again.
   */
  void transferTo(long position, long count, WritableByteChannel out) throws IOException {
    long at = position;
    long left = count;
    while (left > 0) {
      long n = channel.transferTo(at, left, out);
      if (n <= 0) {
        if (at >= channel.size()) {
          throw new EOFException("the source ends at byte " + at);
        }
        StreamSink.rest();
      }
      at += n;
      left -= n;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
