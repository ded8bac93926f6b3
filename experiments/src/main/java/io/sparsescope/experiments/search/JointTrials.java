package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelEdit;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/** Tells whether a model with several thresholds at once is as good as it has to be. */
interface JointTrials extends AutoCloseable {

  /**
   * The metric's sum over the records in their order, as {@link Evaluation} finds it, if it is what
   * the target needs.
   *
   * @param done is told how many records were run
   * @return nothing if it falls short
   */
  OptionalDouble sumIfReached(ModelEdit edit, IntConsumer done);

  @Override
  void close();

  /** The plain way: the records in their order. */
  static JointTrials plain(SearchSetup setup, Evaluation evaluation) {
    return new JointTrials() {
      @Override
      public OptionalDouble sumIfReached(ModelEdit edit, IntConsumer done) {
        return evaluation.sumIfReached(edit, setup.samples(), setup.target(), done);
      }

      @Override
      public void close() {
        // The evaluation is its owner's.
      }
    };
  }
}
