package io.sparsescope.agent.config;

/** An option that is unknown or out of range. The message is one line: what, where, what to do. */
public final class OptionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public OptionException(String message) {
    super(message);
  }

  public OptionException(String message, Throwable cause) {
    super(message, cause);
  }
}
