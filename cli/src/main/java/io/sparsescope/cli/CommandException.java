package io.sparsescope.cli;

/** A command that cannot go on. The message is one line: what, where, what to do. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}
