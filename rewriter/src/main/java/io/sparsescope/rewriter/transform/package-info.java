/**
 * Nodes that a rewrite inserts: thresholds and counting, in operators of the model's own opset.
 * Knows neither rules nor patterns; is told what to do to which tensor.
 */
package io.sparsescope.rewriter.transform;
