package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts batches together, record by record, for a model's one input. Memory is reused. */
final class BatchMaker {
  private final InputSpec input;
  private final InputShape shape;
  private final int bytes;
  private final Optional<List<Long>> targetDims;
  private final int targetBytes;
  private final List<Integer> labels = new ArrayList<>();
  private ByteBuffer values = ByteBuffer.allocateDirect(0);
  private ByteBuffer targets = ByteBuffer.allocateDirect(0);

  /**
   * @param bytes of a record as the model wants it
   * @param targetDims shape of what the model should say of a record; empty where that is not known
   */
  BatchMaker(InputSpec input, InputShape shape, int bytes, Optional<List<Long>> targetDims) {
    this.input = input;
    this.shape = shape;
    this.bytes = bytes;
    this.targetDims = targetDims;
    targetBytes =
        targetDims.isEmpty()
            ? 0
            : targetDims.get().stream()
                .mapToInt(Math::toIntExact)
                .reduce(Float.BYTES, Math::multiplyExact);
  }

  /** Forgets all, and makes room for so many records. */
  void begin(int records) {
    labels.clear();
    values = room(values, records, bytes);
    targets = room(targets, records, targetBytes);
  }

  private static ByteBuffer room(ByteBuffer memory, int records, int each) {
    long wanted = (long) records * each;
    if (wanted > Integer.MAX_VALUE) {
      throw new DataException(
          "a batch of " + records + " records takes more than 2 GiB; choose a smaller --batch");
    }
    ByteBuffer room = memory.capacity() < wanted ? ByteBuffer.allocateDirect((int) wanted) : memory;
    return room.clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where the next record's values go. */
  ByteBuffer values() {
    return values;
  }

  /** Where what the model should say of the next record goes, where that is known. */
  ByteBuffer targets() {
    return targets;
  }

  /** Notes a record's class, if it has one. */
  void label(int label) {
    if (label != RecordReader.NO_LABEL) {
      labels.add(label);
    }
  }

  /** The records since the last begin; valid until the next. */
  Batch batch(int records) {
    TensorValue fed = new TensorValue(input.type(), shape.tensor(records), values.flip());
    return new Batch(Map.of(input.name(), fed), labels, records, references(records));
  }

  private List<TensorValue> references(int records) {
    if (targetDims.isEmpty()) {
      return List.of();
    }
    List<Long> dims = new ArrayList<>(List.of((long) records));
    dims.addAll(targetDims.get());
    return List.of(new TensorValue(ElementType.FLOAT, dims, targets.flip()));
  }
}
