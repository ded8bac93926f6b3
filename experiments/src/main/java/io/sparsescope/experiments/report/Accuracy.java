package io.sparsescope.experiments.report;

/**
 * What thresholds cost in accuracy.
 *
 * @param on what they are on: weights or activations
 * @param metric how accuracy was measured, for example top-1
 * @param relative accuracy by the dense model's, over the records that thresholds were chosen by;
 *     null where the dense model's is 0
 * @param samples how many records those were
 * @param keptRelative the same over records that had no say in the choice; null without any
 * @param keptSamples how many those were
 */
public record Accuracy(
    String on,
    String metric,
    Double relative,
    long samples,
    Double keptRelative,
    long keptSamples) {}
