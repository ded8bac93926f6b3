package io.sparsescope.profile;

/** A profile that cannot be read, merged or written. One line: what, where, what to do. */
public final class ProfileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ProfileException(String message) {
    super(message);
  }

  public ProfileException(String message, Throwable cause) {
    super(message, cause);
  }
}
