package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor over direct memory of its own, which is made once and used at every step.
 *
 * @param tensor what ONNX Runtime is given; reads and writes the memory itself
 * @param memory its values, little-endian, from position 0 to limit
 */
record DirectTensor(OnnxTensor tensor, ByteBuffer memory) implements AutoCloseable {

  /** A tensor of zeros. */
  static DirectTensor of(String name, ElementType type, List<Long> dims) {
    long elements = dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    long bytes = elements * type.bits() / Byte.SIZE;
    if (bytes > Integer.MAX_VALUE) {
      throw new ExperimentException(
          name + ": takes " + bytes + " bytes, more than 2 GiB; choose a smaller --batch");
    }
    ByteBuffer memory = allocate(name, (int) bytes);
    try {
      TensorValue value =
          new TensorValue(type, dims, memory.duplicate().order(ByteOrder.LITTLE_ENDIAN));
      return new DirectTensor(OrtSessions.tensor(name, value), memory);
    } catch (OrtException e) {
      throw new ExperimentException(
          name + ": ONNX Runtime takes no such tensor (" + OrtSessions.oneLine(e) + ")", e);
    }
  }

  private static ByteBuffer allocate(String name, int bytes) {
    try {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      throw new ExperimentException(
          name
              + ": no memory for "
              + bytes
              + " bytes; choose a smaller --batch, or set -XX:MaxDirectMemorySize",
          e);
    }
  }

  /** The memory from its beginning to its end, with a position of one's own. */
  ByteBuffer values() {
    return memory.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    tensor.close();
  }
}
