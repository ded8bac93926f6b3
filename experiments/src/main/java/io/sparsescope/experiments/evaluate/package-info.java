/**
 * How good a model's answers are: metrics over labelled records, or over the dense model's own
 * outputs where there are no labels, and the runs that they are taken from.
 */
package io.sparsescope.experiments.evaluate;
