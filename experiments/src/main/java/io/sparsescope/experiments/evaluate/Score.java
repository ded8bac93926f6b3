package io.sparsescope.experiments.evaluate;

/**
 * What a metric says of one record.
 *
 * @param value summed over the records; the mean is the accuracy
 * @param margin how far the decision is from going the other way, in units of the judged output:
 *     negative where it is wrong, 0 for a tie, positive infinity where nothing can flip it; the
 *     value itself for metrics that decide nothing
 */
public record Score(double value, double margin) {}
