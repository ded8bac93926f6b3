/**
 * One training for each value of an option, side by side on the processors: the paper's figure 2.
 * Each run is the one that {@code train} would do with that value.
 */
package io.sparsescope.experiments.train.sweep;
