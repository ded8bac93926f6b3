package io.sparsescope.it.conformance;

/** Says why a case cannot be tried here; its message is a line of the report. */
final class Unsupported extends Exception {
  private static final long serialVersionUID = 1;

  Unsupported(String reason) {
    super(reason);
  }
}
