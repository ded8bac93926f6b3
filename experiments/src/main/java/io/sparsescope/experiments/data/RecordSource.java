package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Feeds records to a model's one input. Where a record is damaged, a batch may end before it; the
 * next one fails.
 */
final class RecordSource implements DataSource {
  private final RecordReader reader;
  private final InputSpec input;
  private final Encoder encoder;
  private final InputShape shape;
  private final BatchTargets targets;
  private final List<String> notices = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private DataException damage;

  private RecordSource(RecordReader reader, InputSpec input, DataOptions options) {
    this.reader = reader;
    this.input = input;
    encoder = new Encoder(reader, input.type(), options);
    shape = InputShape.fit(reader.name(), input, encoder.dims());
    targets = new BatchTargets(reader.targetDims());
  }

  /** Takes the reader over, and closes it if it does not fit. */
  static RecordSource of(RecordReader reader, List<InputSpec> inputs, DataOptions options) {
    try {
      if (inputs.size() != 1) {
        throw new DataException(
            reader.name()
                + ": feeds one input, but the model has "
                + inputs.size()
                + " ("
                + String.join(", ", inputs.stream().map(InputSpec::name).toList())
                + "); use --data onnx:DIR or random");
      }
      return new RecordSource(reader, inputs.get(0), options);
    } catch (DataException e) {
      reader.close();
      throw e;
    }
  }

  @Override
  public Optional<Batch> next(int records) {
    if (damage != null) {
      throw damage;
    }
    int wanted = shape.fixed() > 0 ? shape.fixed() : records;
    ByteBuffer out = buffer(wanted);
    targets.begin(wanted);
    List<Integer> labels = new ArrayList<>();
    int count = 0;
    while (count < wanted && hasNext(count)) {
      encoder.encode(reader.values(), out);
      if (reader.label() != RecordReader.NO_LABEL) {
        labels.add(reader.label());
      }
      if (reader.targetDims().isPresent()) {
        targets.room().put(reader.target());
      }
      count++;
    }
    if (count < shape.fixed()) {
      if (count > 0) {
        notices.add(
            "the last "
                + count
                + " records were left out: the model takes "
                + shape.fixed()
                + " at a time");
      }
      return Optional.empty();
    }
    if (count == 0) {
      return Optional.empty();
    }
    out.flip();
    TensorValue value = new TensorValue(input.type(), shape.tensor(count), out);
    return Optional.of(
        new Batch(Map.of(input.name(), value), labels, count, targets.references(count)));
  }

  /** Damage is told when its own record is asked for, where those before it can be fed alone. */
  private boolean hasNext(int count) {
    try {
      return reader.next();
    } catch (DataException e) {
      if (count == 0 || shape.fixed() > 0) {
        throw e;
      }
      damage = e;
      return false;
    }
  }

  private ByteBuffer buffer(int records) {
    int bytes;
    try {
      bytes = Math.multiplyExact(records, encoder.bytes());
    } catch (ArithmeticException e) {
      throw new DataException(
          "a batch of " + records + " records takes more than 2 GiB; choose a smaller --batch", e);
    }
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }
    return buffer.clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public OptionalLong size() {
    return reader.size();
  }

  @Override
  public int fixedBatch() {
    return shape.fixed();
  }

  @Override
  public String describe(long record) {
    return reader.describe(record);
  }

  @Override
  public List<String> notices() {
    List<String> all = new ArrayList<>(notices);
    all.addAll(reader.notices());
    return all;
  }

  @Override
  public void close() {
    reader.close();
  }
}
