package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.Memory;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Copies of a run's inputs: tensors of ours, in memory of ours.
 *
 * @param names of the inputs
 * @param handles native values, in the same order
 */
record InputCopy(
    String[] names,
    long[] handles,
    List<Object> tensors,
    List<ByteBuffer> buffers,
    OrtTensors access,
    Memory memory) {

  /** Closes all of them; memory is used again only if its tensor is gone. */
  void close() throws Throwable {
    for (Object tensor : tensors) {
      access.close(tensor);
    }
    buffers.forEach(memory::giveBack);
  }
}
