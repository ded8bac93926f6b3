/**
 * Trains models: steps over a data set that ONNX Runtime runs, schedules, checkpoints, the series
 * of what was seen, the trained model. How a step's graph comes about is the rewriter's.
 */
package io.sparsescope.experiments.train;
