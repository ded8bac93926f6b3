package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory of one's own for a batch that is to outlive the source's next one. It is reused: a batch
 * is valid until the next is put in.
 */
public final class BatchBuffer {
  private final Map<String, ByteBuffer> memory = new HashMap<>();

  /** An equal batch in this memory. */
  public Batch hold(Batch batch) {
    Map<String, TensorValue> inputs = new HashMap<>();
    batch.inputs().forEach((name, value) -> inputs.put(name, copy("input " + name, value)));
    List<TensorValue> references = new ArrayList<>();
    for (int i = 0; i < batch.references().size(); i++) {
      references.add(copy("reference " + i, batch.references().get(i)));
    }
    return new Batch(inputs, batch.labels(), batch.count(), references);
  }

  private TensorValue copy(String key, TensorValue value) {
    int bytes = value.data().remaining();
    ByteBuffer buffer = memory.get(key);
    if (buffer == null || buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
      memory.put(key, buffer);
    }
    buffer.clear().order(ByteOrder.LITTLE_ENDIAN).put(value.data().duplicate());
    return new TensorValue(value.type(), value.shape(), buffer.flip());
  }
}
