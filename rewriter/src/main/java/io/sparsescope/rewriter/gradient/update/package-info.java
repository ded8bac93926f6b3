/**
 * The end of a training step: nodes that make of parameters and their gradients the parameters of
 * the next step. Knows nothing of how gradients come about, nor of data.
 */
package io.sparsescope.rewriter.gradient.update;
