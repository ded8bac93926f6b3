/**
 * A small inference service of the kind that people have: sentence embeddings through LangChain4j
 * and text direction through ONNX Runtime. It knows nothing of Sparsescope; the demo attaches the
 * agent.
 */
package io.sparsescope.demo;
