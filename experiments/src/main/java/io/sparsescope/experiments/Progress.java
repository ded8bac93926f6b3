package io.sparsescope.experiments;

import java.util.OptionalLong;

/** Is told how far a long job is. */
@FunctionalInterface
public interface Progress {
  /** Is told nothing. */
  Progress NONE = (done, total) -> {};

  /**
   * Called by the thread that works, after every batch.
   *
   * @param done records done
   * @param total records in all, where that is known
   */
  void report(long done, OptionalLong total);
}
