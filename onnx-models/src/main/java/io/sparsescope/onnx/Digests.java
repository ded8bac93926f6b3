package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests of sources, read in pieces. */
final class Digests {
  private static final int PIECE = 256 * 1024;

  private Digests() {}

  static String sha256(ByteSource source, String model) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(1, source.size())));
    try {
      for (long at = 0; at < source.size(); at += piece.limit()) {
        piece.clear().limit((int) Math.min(piece.capacity(), source.size() - at));
        source.read(at, piece);
        digest.update(piece.flip());
      }
    } catch (IOException e) {
      throw new OnnxException(model + ": cannot be read: " + Failures.reason(e), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
