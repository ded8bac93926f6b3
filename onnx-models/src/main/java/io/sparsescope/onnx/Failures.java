package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Words for what the operating system reports. */
final class Failures {
  private Failures() {}

  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return "a file is in the way";
    }
    if (e instanceof ClosedChannelException) {
      return "it was closed";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return oneLine(f.getReason());
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : oneLine(e.getMessage());
  }

  /** Names from a model may hold anything; a message stays one line of bounded length. */
  static String oneLine(String text) {
    String line = text.length() > 300 ? text.substring(0, 300) + "..." : text;
    return printable(line);
  }

  /** The text without line breaks and other control characters. */
  static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
