/**
 * Edits of exported models that sparsity work needs: thresholds and other transforms, taps that
 * count zeros. Selects nodes by pattern, emits standard operators of the model's own opset. Knows
 * nothing of sessions or of profiles.
 */
package io.sparsescope.rewriter;
