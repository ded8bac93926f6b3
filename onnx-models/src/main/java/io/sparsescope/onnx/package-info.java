/**
 * ONNX model files as they lie on disk: scanned at the wire level, indexed as a graph, edited as a
 * list of changes, written by copying what did not change. Knows nothing of thresholds, taps or
 * sessions.
 */
package io.sparsescope.onnx;
