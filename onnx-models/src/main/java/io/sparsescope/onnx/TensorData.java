package io.sparsescope.onnx;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The values of a tensor, read in chunks. Whatever field of TensorProto holds them (raw_data, a
 * typed field, an external file, a Constant node's attribute), they are handed out as raw_data
 * would lay them out: little-endian, row-major, 4-bit types packed low nibble first.
 */
public interface TensorData {
  ElementType type();

  long elements();

  /**
   * Calls {@code consumer} with consecutive chunks, each a whole number of elements (but for packed
   * types), little-endian, valid only during the call. Chunks take at most 1 MiB.
   *
   * @throws OnnxException if the values are missing or shorter than the shape asks for
   */
  void forEachChunk(Consumer<ByteBuffer> consumer);

  /** All values at once, for small tensors. */
  ByteBuffer toBuffer();
}
