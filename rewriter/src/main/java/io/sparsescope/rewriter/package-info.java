/**
 * Edits of exported models that sparsity work needs: thresholds on activations and weights, taps
 * that count zeros. Selects nodes by pattern, emits standard operators of the model's own opset.
 * Knows nothing of sessions or of profiles.
 */
package io.sparsescope.rewriter;
