/**
 * ONNX Runtime's sessions as the agent sees them, at the boundary between ONNX Runtime's Java
 * classes and its native library: models are rewritten as they are loaded, runs ask for the taps
 * too, and what is the agent's never reaches the application.
 */
package io.sparsescope.agent.session;
