/**
 * What {@code bench training} measures training steps against: the same nets, run by PyTorch. Reads
 * ONNX files; must not know how Sparsescope trains.
 */
package io.sparsescope.it.pytorch;
