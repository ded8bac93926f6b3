package io.sparsescope.experiments.train.series;

/**
 * A gradient whose zeros are counted at steps of a run.
 *
 * @param parameter the parameter that it is the gradient of
 * @param layer the layer that the parameter belongs to
 * @param block that layer's block, "" if none
 * @param elements number of its elements
 * @param elementBytes bytes that one takes
 */
public record CountedGradient(
    String parameter, String layer, String block, long elements, int elementBytes) {}
