package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a model should say of a batch's records, gathered record by record. Memory is reused. */
final class BatchTargets {
  private final Optional<List<Long>> dims;
  private final int bytes;
  private ByteBuffer memory = ByteBuffer.allocateDirect(0);

  /**
   * @param dims shape of a record's target; empty where there are none
   */
  BatchTargets(Optional<List<Long>> dims) {
    this.dims = dims;
    bytes = dims.map(BatchTargets::bytes).orElse(0);
  }

  /** Bytes of a target of that shape, which NpyFile has found to be below 2 GiB. */
  static int bytes(List<Long> dims) {
    return Float.BYTES * dims.stream().mapToInt(Math::toIntExact).reduce(1, Math::multiplyExact);
  }

  /** Forgets all, and makes room for so many records. */
  void begin(int records) {
    long wanted = (long) records * bytes;
    if (wanted > Integer.MAX_VALUE) {
      throw new DataException(
          "targets of " + records + " records take more than 2 GiB; choose a smaller --batch");
    }
    if (memory.capacity() < wanted) {
      memory = ByteBuffer.allocateDirect((int) wanted);
    }
    memory.clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where the next record's target goes; nothing goes there where there are none. */
  ByteBuffer room() {
    return memory;
  }

  /** The model's outputs as they should be for the records since the last begin: one, or none. */
  List<TensorValue> references(int records) {
    if (dims.isEmpty()) {
      return List.of();
    }
    List<Long> shape = new ArrayList<>();
    shape.add((long) records);
    shape.addAll(dims.get());
    return List.of(new TensorValue(ElementType.FLOAT, shape, memory.flip()));
  }
}
