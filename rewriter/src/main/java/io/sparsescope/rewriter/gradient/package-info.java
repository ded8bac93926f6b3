/**
 * Differentiates an inference model into the graph of one training step: forward pass in training
 * form, loss, and the gradient of every trainable parameter, in ai.onnx operators of opset 18
 * alone. One rule an operator. Knows nothing of how parameters are updated, nor of sessions.
 */
package io.sparsescope.rewriter.gradient;
