package io.sparsescope.rewriter;

/** Rules that cannot be read or applied. The message is one line: what, where, what to do. */
public final class RewriteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RewriteException(String message) {
    super(message);
  }

  public RewriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
