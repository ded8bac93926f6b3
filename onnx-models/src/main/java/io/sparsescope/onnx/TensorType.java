package io.sparsescope.onnx;

import java.util.OptionalInt;

/**
 * What is known of a tensor before it is computed.
 *
 * @param element its element type
 * @param rank number of dimensions, if known
 */
public record TensorType(ElementType element, OptionalInt rank) {}
