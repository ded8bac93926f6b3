package io.sparsescope.rewriter.rules;

/**
 * A threshold for the nodes a pattern matches.
 *
 * @param match pattern
 * @param threshold the threshold, finite and not negative
 * @param orEqual compare: le instead of lt
 * @param dynamic whether it becomes a graph input with this value as default
 * @param bake for weights: write zeros into the initializer
 */
public record ThresholdRule(
    String match, double threshold, boolean orEqual, boolean dynamic, boolean bake) {}
