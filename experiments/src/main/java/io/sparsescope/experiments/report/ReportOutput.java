package io.sparsescope.experiments.report;

import io.sparsescope.experiments.ExperimentException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes reports to files. */
public final class ReportOutput {
  private ReportOutput() {}

  /**
   * Writes text as UTF-8: beside the target, then moved into place.
   *
   * @throws ExperimentException if it cannot be written; a file that was there is unchanged
   */
  public static void write(String text, Path file) {
    Path temporary = null;
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new FileSystemException(file.toString(), null, "is no regular file");
      }
      temporary = Files.createTempFile(file.toAbsolutePath().getParent(), ".sparsescope-", ".tmp");
      Files.writeString(temporary, text);
      move(temporary, file);
    } catch (IOException e) {
      discard(temporary);
      String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
      throw new ExperimentException(
          file
              + ": cannot write the report ("
              + (e instanceof NoSuchFileException || reason == null ? "no such folder" : reason)
              + "); choose a folder that exists, can be written to and has room",
          e);
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
}
