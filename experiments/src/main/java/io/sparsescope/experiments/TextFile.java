package io.sparsescope.experiments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes files that are there as a whole or not at all. */
public final class TextFile {
  private TextFile() {}

  /**
   * Writes text as UTF-8: beside the target, then moved into place.
   *
   * @param what what messages call it
   * @throws ExperimentException if it cannot be written; a file that was there is unchanged
   */
  public static void write(String text, Path file, String what) {
    write(text.getBytes(StandardCharsets.UTF_8), file, what);
  }

  /**
   * Writes bytes as {@link #write(String, Path, String)} does text.
   *
   * @param what what messages call it
   * @throws ExperimentException if they cannot be written; a file that was there is unchanged
   */
  public static void write(byte[] bytes, Path file, String what) {
    Path temporary = null;
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new FileSystemException(file.toString(), null, "is no regular file");
      }
      temporary = Files.createTempFile(file.toAbsolutePath().getParent(), ".sparsescope-", ".tmp");
      Files.write(temporary, bytes);
      move(temporary, file);
    } catch (IOException e) {
      discard(temporary);
      throw new ExperimentException(
          file
              + ": cannot write the "
              + what
              + " ("
              + reason(e)
              + "); choose a folder that exists, can be written to and has room",
          e);
    }
  }

  /**
   * Makes sure, before long work, that there is a folder for its result.
   *
   * @param what what messages call it
   * @throws ExperimentException if there is none that can be written to
   */
  public static void requireFolder(Path file, String what) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new ExperimentException(
          file
              + ": cannot write the "
              + what
              + " there; choose a folder that exists and can be written to");
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void discard(Path temporary) {
    try {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // The failure that led here is the one to report.
    }
  }

  /** Why a file cannot be read or written, in a few words. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such folder";
    }
    if (e instanceof AccessDeniedException) {
      return "access denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null
        ? e.getClass().getSimpleName()
        : reason.lines().findFirst().orElse("").strip();
  }
}
