package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import java.util.OptionalLong;

/**
 * How a training goes.
 *
 * @param optimizer what makes of gradients new parameters
 * @param schedule the learning rates
 * @param batch records in a step, at least 1; a model's fixed batch size goes before
 * @param epochs how often the data is seen, above 0; counts where no steps are given
 * @param steps number of steps, at least 1
 * @param evaluateEvery steps from one evaluation, and one checkpoint, to the next; empty for every
 *     epoch
 * @param seriesEvery steps from one entry of the series to the next, at least 1
 * @param seed of the order of the data, its augmentation and the masks of dropouts
 * @param threads of a step; two runs agree to the last bit where it is 1
 * @param augmentation changes of images
 */
public record TrainOptions(
    Optimizer optimizer,
    Schedule schedule,
    int batch,
    double epochs,
    OptionalLong steps,
    OptionalLong evaluateEvery,
    int seriesEvery,
    long seed,
    int threads,
    Augmentation augmentation) {

  public TrainOptions {
    requirePositive("--batch", batch);
    requirePositive("--threads", threads);
    requirePositive("--series-every", seriesEvery);
    steps.ifPresent(n -> requirePositive("--steps", n));
    evaluateEvery.ifPresent(n -> requirePositive("--evaluate-every", n));
    if (!(epochs > 0) || Double.isInfinite(epochs)) {
      throw new ExperimentException("--epochs " + epochs + ": give a number above 0");
    }
  }

  private static void requirePositive(String option, long value) {
    if (value < 1) {
      throw new ExperimentException(option + " " + value + ": give a number of at least 1");
    }
  }

  /** Number of steps over data of so many records, in batches of the given size. */
  long steps(int records, int batchSize) {
    return steps.orElse(Math.max(1, (long) Math.ceil(epochs * records / batchSize)));
  }
}
