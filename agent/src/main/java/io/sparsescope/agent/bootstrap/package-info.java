/**
 * The part of the agent that lies on the boot class path, where ONNX Runtime's transformed classes
 * find it in whatever class loader or module they live. As little as can be: it forwards calls, and
 * loads the rest of the agent into a loader of its own. Knows nothing of models or profiles.
 */
package io.sparsescope.agent.bootstrap;
