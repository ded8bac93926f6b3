package io.sparsescope.experiments.train;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

/** Is given the outputs of a step that were asked for beyond loss and state. */
@FunctionalInterface
interface StepObserver {
  /** Looks at nothing. */
  StepObserver NONE = (step, outputs) -> {};

  /**
   * Called behind every step.
   *
   * @param step its number, from 0
   * @param outputs closed behind the call; pinned outputs come first
   */
  void observe(long step, OrtSession.Result outputs) throws OrtException;
}
