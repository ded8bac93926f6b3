/**
 * Runs models over data sets outside of a service: the same rewrite and the same counters as the
 * agent's, with a plain ONNX Runtime session.
 */
package io.sparsescope.experiments;
