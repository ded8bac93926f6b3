package io.sparsescope.agent.session;

import io.sparsescope.rewriter.Rewrite;

/**
 * What is known of a model once a session was created of it, so that the next one need not scan and
 * plan again. It has no external data. Keeps nothing of the model itself.
 *
 * @param sha256 of all its bytes
 * @param graph the graph's name
 * @param opset version of ONNX's own operators
 * @param rewrite as it was planned, its edit left out
 * @param taps those of the rewrite
 * @param appendix what makes the rewritten model, put behind the model's bytes; not to be changed
 * @param isNative whether the rewritten model has native operators
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record KnownModel(
    String sha256,
    String graph,
    int opset,
    Rewrite rewrite,
    Taps taps,
    byte[] appendix,
    boolean isNative) {}
