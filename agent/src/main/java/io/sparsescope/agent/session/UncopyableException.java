package io.sparsescope.agent.session;

/** Inputs of a kind that cannot be copied; the message says which and why. */
final class UncopyableException extends Exception {
  private static final long serialVersionUID = 1;

  UncopyableException(String message) {
    super(message);
  }
}
