package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies whole files, large and perhaps sparse ones. */
final class FileCopy {
  private static final int PIECE = 1 << 20;
  private static final int PROBE = 4096;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(PIECE).asReadOnlyBuffer();

  private FileCopy() {}

  /** Copies a file; pieces of nothing but zeros become holes. */
  static void copy(Path from, FileChannel out) throws IOException {
    try (FileSource source = new FileSource(from)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      long run = 0;
      for (long at = 0; at < source.size(); at += PIECE) {
        int count = (int) Math.min(PIECE, source.size() - at);
        if (isZero(source, at, count, piece)) {
          transfer(source, run, at, out);
          run = at + count;
        }
      }
      transfer(source, run, source.size(), out);
      if (source.size() > 0 && run == source.size()) {
        // The file ends in a hole: its last byte gives it its length.
        out.write(ByteBuffer.wrap(new byte[1]), source.size() - 1);
      }
    }
  }

  private static void transfer(FileSource source, long start, long end, FileChannel out)
      throws IOException {
    if (end > start) {
      out.position(start);
      source.transferTo(start, end - start, out);
    }
  }

  /** Reads a piece whole only if its beginning is zero. */
  private static boolean isZero(FileSource source, long at, int count, ByteBuffer piece)
      throws IOException {
    int probe = Math.min(PROBE, count);
    source.read(at, piece.clear().limit(probe));
    if (!isZero(piece.flip())) {
      return false;
    }
    source.read(at + probe, piece.clear().limit(count - probe));
    return isZero(piece.flip());
  }

  private static boolean isZero(ByteBuffer bytes) {
    return bytes.mismatch(ZEROS.slice(0, bytes.remaining())) < 0;
  }

  static boolean sameContent(Path one, Path other) throws IOException {
    return Files.isRegularFile(other)
        && (Files.isSameFile(one, other) || Files.mismatch(one, other) < 0);
  }
}
