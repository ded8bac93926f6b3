package io.sparsescope.onnx;

/**
 * An initializer and where it lies.
 *
 * @param initializer what it is
 * @param record its field in the graph message
 * @param values its values; of a sparse one the non-zero ones
 * @param indices the positions of a sparse one's values, else null
 */
record InitializerEntry(
    Initializer initializer, WireRecord record, TensorLayout values, TensorLayout indices) {}
