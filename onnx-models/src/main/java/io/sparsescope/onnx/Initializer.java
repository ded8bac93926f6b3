package io.sparsescope.onnx;

import java.util.List;

/**
 * A weight or constant of a graph, known by name, type and shape; its values stay in the file.
 *
 * @param name the tensor's name
 * @param type element type
 * @param dims shape; empty for a scalar
 * @param sparse whether it is a sparse_initializer (COO); {@code dims} is then its dense shape
 * @param external whether its values lie in an external data file
 * @param index its place among the graph's initializers (sparse ones counted apart)
 */
public record Initializer(
    String name, ElementType type, List<Long> dims, boolean sparse, boolean external, int index) {

  /** Number of elements, zeros included. */
  public long elements() {
    return Shapes.elements(dims);
  }
}
