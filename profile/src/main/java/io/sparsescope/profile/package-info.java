/**
 * Exact counts of zeros, and what they add up to: statistics that merge by addition, blocks,
 * totals, the profile file. Knows nothing of models, sessions or ONNX Runtime.
 */
package io.sparsescope.profile;
