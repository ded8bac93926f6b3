/**
 * Nodes that a rewrite inserts: transforms and counting, in operators of the model's own opset; and
 * the interface for transforms of others. Knows neither rules nor patterns; is told what to do to
 * which tensor.
 */
package io.sparsescope.rewriter.transform;
