/**
 * Work that is done apart from the application's threads: a bounded queue, one thread of the lowest
 * priority, and memory for what the work needs. Knows nothing of ONNX Runtime.
 */
package io.sparsescope.agent.shadow;
