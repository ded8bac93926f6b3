package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.series.TrainingSeries;
import java.util.OptionalDouble;

/**
 * What came of a training.
 *
 * @param steps number of steps done, those before an interruption included
 * @param loss of the last step
 * @param accuracy of the trained model on the test data; empty where there was none
 * @param series what was seen
 */
public record TrainResult(long steps, float loss, OptionalDouble accuracy, TrainingSeries series) {}
