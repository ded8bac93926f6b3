package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts records of several batches of a source together to one. Its memory is reused. */
final class BatchJoin {
  private final Map<String, ByteBuffer> memory = new HashMap<>();
  private final List<Integer> labels = new ArrayList<>();
  private Batch like;
  private int capacity;
  private int count;

  /** Forgets what was put in, and makes room for a number of records. */
  void begin(int records) {
    capacity = records;
    count = 0;
    labels.clear();
  }

  int count() {
    return count;
  }

  /** Puts in the records from {@code from} up to before {@code to}. */
  void add(Batch batch, int from, int to) {
    like = batch;
    batch.inputs().forEach((name, value) -> add("input " + name, value, from, to));
    for (int i = 0; i < batch.references().size(); i++) {
      add("reference " + i, batch.references().get(i), from, to);
    }
    if (!batch.labels().isEmpty()) {
      labels.addAll(batch.labels().subList(from, to));
    }
    count += to - from;
  }

  private void add(String key, TensorValue value, int from, int to) {
    ByteBuffer data = value.data();
    int bytes = data.remaining() / like.count();
    ByteBuffer all = memory(key, bytes);
    all.put(count * bytes, data, data.position() + from * bytes, (to - from) * bytes);
  }

  private ByteBuffer memory(String name, int bytesOfRecord) {
    long bytes = (long) bytesOfRecord * capacity;
    if (bytes > Integer.MAX_VALUE) {
      throw new DataException(
          "a batch of " + capacity + " records takes more than 2 GiB; choose a smaller --batch");
    }
    ByteBuffer buffer = memory.get(name);
    if (buffer == null || buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect((int) bytes);
      memory.put(name, buffer);
    }
    return buffer;
  }

  /** The records that were put in, valid until the next begin. */
  Batch batch() {
    Map<String, TensorValue> inputs = new HashMap<>();
    like.inputs().forEach((name, value) -> inputs.put(name, joined("input " + name, value)));
    List<TensorValue> references = new ArrayList<>();
    for (int i = 0; i < like.references().size(); i++) {
      references.add(joined("reference " + i, like.references().get(i)));
    }
    return new Batch(inputs, labels, count, references);
  }

  private TensorValue joined(String key, TensorValue value) {
    List<Long> shape = new ArrayList<>(value.shape());
    shape.set(0, (long) count);
    int bytes = value.data().remaining() / like.count() * count;
    ByteBuffer data = memory.get(key).duplicate().clear().limit(bytes);
    return new TensorValue(value.type(), shape, data.order(ByteOrder.LITTLE_ENDIAN));
  }
}
