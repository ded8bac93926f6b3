package io.sparsescope.experiments.search;

/**
 * A unit's threshold.
 *
 * @param unit the unit's name
 * @param threshold the highest that passes; 0 if none does
 * @param sum the metric's sum over the samples with this threshold alone in force; the dense
 *     model's where it is 0
 * @param samplesRun records run to find it, each as often as it was run; runs of a part of the
 *     model count like whole ones
 */
public record UnitResult(String unit, double threshold, double sum, long samplesRun) {}
