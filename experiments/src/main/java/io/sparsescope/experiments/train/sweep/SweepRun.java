package io.sparsescope.experiments.train.sweep;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A finished training of a sweep.
 *
 * @param value the option's value: the threshold on all gradients, 0 for none
 * @param accuracy on the test data at the end, 0 to 1
 * @param relativeAccuracy by that of the run of value 0; null if there is none, or it is 0
 * @param gradientSparsity share of zeros among all gradients' elements near the end, over the last
 *     tenth of the counted steps; null if none was counted
 * @param steps number of steps
 * @param series name of the file with the run's series, in the sweep's folder
 */
@JsonPropertyOrder({"value", "accuracy", "relativeAccuracy", "gradientSparsity", "steps", "series"})
public record SweepRun(
    double value,
    double accuracy,
    Double relativeAccuracy,
    Double gradientSparsity,
    long steps,
    String series) {}
