package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.series.TrainingSeries;
import java.util.Optional;

/**
 * What came of a training.
 *
 * @param steps number of steps done, those before an interruption included
 * @param loss of the last step
 * @param test what the trained model is worth on the test data; empty where there was none
 * @param series what was seen
 */
public record TrainResult(
    long steps, float loss, Optional<TestScore> test, TrainingSeries series) {}
