/**
 * Counting operators in native code, and how a session of the application's ONNX Runtime comes to
 * know them. Where they cannot be had, standard operators count.
 */
package io.sparsescope.agent.nativecount;
