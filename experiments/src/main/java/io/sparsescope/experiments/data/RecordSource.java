package io.sparsescope.experiments.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Feeds records to a model's one input. Where a record is damaged, a batch may end before it; the
 * next one fails.
 */
final class RecordSource implements DataSource {
  private final RecordReader reader;
  private final Encoder encoder;
  private final InputShape shape;
  private final BatchMaker maker;
  private final List<String> notices = new ArrayList<>();
  private DataException damage;

  private RecordSource(RecordReader reader, InputSpec input, DataOptions options) {
    this.reader = reader;
    encoder = new Encoder(reader, input.type(), options);
    shape = InputShape.fit(reader.name(), input, encoder.dims());
    maker = new BatchMaker(input, shape, encoder.bytes(), reader.targetDims());
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
    maker.begin(wanted);
    int count = 0;
    while (count < wanted && hasNext(count)) {
      encoder.encode(reader.values(), maker.values());
      maker.label(reader.label());
      if (reader.targetDims().isPresent()) {
        maker.targets().put(reader.target());
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
    return count == 0 ? Optional.empty() : Optional.of(maker.batch(count));
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
