package io.sparsescope.experiments.data;

import io.sparsescope.experiments.ExperimentException;

/** Data that cannot be read or does not fit. One line: which file, which record, what to do. */
public final class DataException extends ExperimentException {
  private static final long serialVersionUID = 1;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
