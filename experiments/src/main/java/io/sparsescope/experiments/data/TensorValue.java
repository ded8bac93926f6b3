package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A tensor with its values.
 *
 * @param type element type
 * @param shape dimensions
 * @param data values, row-major and little-endian, from position to limit; a direct buffer
 */
public record TensorValue(ElementType type, List<Long> shape, ByteBuffer data) {

  public TensorValue {
    shape = List.copyOf(shape);
  }
}
