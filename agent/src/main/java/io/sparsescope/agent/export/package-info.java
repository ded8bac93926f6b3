/**
 * What the agent shows of itself while the JVM runs: metrics for Prometheus and the live profile
 * over HTTP, and metrics sent by OTLP. Reads profiles, knows nothing of ONNX Runtime, and is loaded
 * only if the options ask for it.
 */
package io.sparsescope.agent.export;
