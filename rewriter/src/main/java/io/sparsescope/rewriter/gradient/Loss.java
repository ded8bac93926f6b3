package io.sparsescope.rewriter.gradient;

/** What a training step makes smaller, before its L1 and L2 terms; a mean over the batch. */
public enum Loss {
  /**
   * -log softmax(logits)[label], the mean over the batch. Labels are int64 [N], 0 to classes - 1. A
   * Softmax or LogSoftmax that the model ends in is looked through: its input is the logits.
   */
  SOFTMAX_CROSS_ENTROPY("labels"),

  /** (output - target)^2, the mean over all elements. Targets have the output's shape. */
  MEAN_SQUARED_ERROR("targets");

  private final String truth;

  Loss(String truth) {
    this.truth = truth;
  }

  /** Name of the step graph's input that holds what the model should have said. */
  public String truth() {
    return truth;
  }
}
