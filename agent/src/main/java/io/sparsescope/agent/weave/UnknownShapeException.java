package io.sparsescope.agent.weave;

/** A class of ONNX Runtime that does not look as we know it; the message says in what. */
final class UnknownShapeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnknownShapeException(String message) {
    super(message);
  }
}
