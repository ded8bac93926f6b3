/**
 * Which runs are counted, and what counting costs. Knows nothing of ONNX Runtime: it is told how
 * long runs took and how large their inputs were.
 */
package io.sparsescope.agent.sampling;
