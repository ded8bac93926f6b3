package io.sparsescope.onnx;

/**
 * A model that cannot be read, edited or written. The message is one line that names the model, the
 * place in it, and the remedy; it is fit to be shown to a user as it is.
 */
public final class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Control characters in the message, which names from a model may hold, become question marks.
   */
  public OnnxException(String message) {
    super(Failures.printable(message));
  }

  /** Likewise, with what caused it. */
  public OnnxException(String message, Throwable cause) {
    super(Failures.printable(message), cause);
  }
}
