package io.sparsescope.experiments;

/** A model that cannot be run over data. One line: what, where, what to do. */
public class ExperimentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ExperimentException(String message) {
    super(message);
  }

  public ExperimentException(String message, Throwable cause) {
    super(message, cause);
  }
}
