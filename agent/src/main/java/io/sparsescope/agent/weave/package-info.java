/**
 * Redirects the calls of ONNX Runtime's native methods inside its own Java classes to the bridge,
 * after making sure that the classes have the shape we know. Knows nothing of what the bridge does
 * with the calls.
 */
package io.sparsescope.agent.weave;
