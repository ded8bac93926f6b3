package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * All records of a data set, kept as they are stored, to be fed to a model's one input in any order
 * and as often as wanted. What does not fit into a quarter of the memory lies in temporary files.
 * Safe for use by several threads.
 */
public final class RecordSet {
  private final RecordReader reader;
  private final InputSpec input;
  private final DataOptions options;
  private final Encoder encoder;
  private final InputShape shape;
  private final RecordMemory memory;
  private final Optional<List<Long>> targetDims;
  private final RecordMemory targets;
  private final List<Long> dims;
  private final int[] labels;
  private final long checksum;
  private final List<String> notices;

  private RecordSet(RecordReader reader, InputSpec input, DataOptions options, long limit) {
    this.reader = reader;
    this.input = input;
    this.options = options;
    encoder = new Encoder(reader, input.type(), options);
    shape = InputShape.fit(reader.name(), input, encoder.dims());
    dims = reader.images() ? List.copyOf(reader.dims()) : List.of();
    memory = new RecordMemory(Runtime.getRuntime().maxMemory() / 4);
    targetDims = reader.targetDims();
    targets = new RecordMemory(Runtime.getRuntime().maxMemory() / 16);
    List<Integer> found = new ArrayList<>();
    CRC32C crc = new CRC32C();
    while (found.size() < limit && reader.next()) {
      ByteBuffer values = reader.values();
      crc.update(values.duplicate());
      crc.update(reader.label());
      memory.add(values);
      if (targetDims.isPresent()) {
        ByteBuffer target = reader.target();
        crc.update(target.duplicate());
        targets.add(target);
      }
      found.add(reader.label());
    }
    if (found.isEmpty()) {
      throw new DataException(reader.name() + ": holds no records; choose other data");
    }
    labels = found.stream().mapToInt(Integer::intValue).toArray();
    checksum = crc.getValue();
    notices = List.copyOf(reader.notices());
  }

  /**
   * Reads a data set.
   *
   * @param reader is read and closed
   * @param limit records to read at most
   * @throws DataException if there are none, or they are damaged or do not fit the input
   */
  static RecordSet read(
      RecordReader reader, List<InputSpec> inputs, DataOptions options, OptionalLong limit) {
    try (reader) {
      if (inputs.size() != 1) {
        throw new DataException(
            reader.name() + ": feeds one input, but the model has " + inputs.size());
      }
      return new RecordSet(reader, inputs.get(0), options, limit.orElse(Integer.MAX_VALUE - 8L));
    }
  }

  /** Number of records, at least 1. */
  public int size() {
    return labels.length;
  }

  /** The input that is fed. */
  public InputSpec input() {
    return input;
  }

  /** A record's class; -1 where it has none. */
  public int label(int record) {
    return labels[record];
  }

  /** The highest class of a record; -1 where none has one. */
  public int highestLabel() {
    return Arrays.stream(labels).max().orElse(RecordReader.NO_LABEL);
  }

  /** Shape of what the model should say of a record; empty where the data does not tell. */
  public Optional<List<Long>> targetDims() {
    return targetDims;
  }

  /** Puts what the model should say of a record at the buffer's position, as float32. */
  public void target(int record, ByteBuffer out) {
    out.put(targets.read(new int[] {record}));
  }

  /** What messages call the data. */
  public String name() {
    return reader.name();
  }

  /** What messages call a record. */
  public String describe(long record) {
    return reader.describe(record);
  }

  /** Channels, height and width of the stored images; empty where records are none. */
  public List<Long> imageDims() {
    return dims;
  }

  /** Whether a stored value takes one byte. */
  public boolean bytes() {
    return reader.type().bits() == Byte.SIZE;
  }

  /** Checksum of all values, labels and targets in their order. */
  public long checksum() {
    return checksum;
  }

  /** How stored values become what the model is fed, in words. */
  public String preparation() {
    return options.toString();
  }

  /** Records that a run takes, 0 for any number. */
  public int fixedBatch() {
    return shape.fixed();
  }

  /** Shape of a tensor of so many records. */
  public List<Long> shape(int records) {
    return shape.tensor(records);
  }

  /** Bytes that a record takes as the model wants it. */
  public int encodedBytes() {
    return encoder.bytes();
  }

  /** Type of the values as the model wants them. */
  public ElementType type() {
    return input.type();
  }

  /**
   * Puts a record at the buffer's position as the model wants it.
   *
   * @param change is made to the stored values first
   */
  public void encode(int record, RecordChange change, ByteBuffer out) {
    encoder.encode(change.apply(memory.read(new int[] {record})), out);
  }

  /** All records in their order. */
  public DataSource source() {
    return new Source();
  }

  /** Reads the records one after the other. */
  private final class Source implements DataSource {
    private final BatchMaker maker = new BatchMaker(input, shape, encoder.bytes(), targetDims);
    private int at;

    @Override
    public Optional<Batch> next(int records) {
      int wanted = fixedBatch() > 0 ? fixedBatch() : records;
      int count = Math.min(wanted, RecordSet.this.size() - at);
      if (count == 0 || count < fixedBatch()) {
        return Optional.empty();
      }
      maker.begin(count);
      for (int i = 0; i < count; i++, at++) {
        encode(at, RecordChange.NONE, maker.values());
        maker.label(labels[at]);
        if (targetDims.isPresent()) {
          target(at, maker.targets());
        }
      }
      return Optional.of(maker.batch(count));
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(RecordSet.this.size());
    }

    @Override
    public int fixedBatch() {
      return RecordSet.this.fixedBatch();
    }

    @Override
    public String describe(long record) {
      return RecordSet.this.describe(record);
    }

    @Override
    public List<String> notices() {
      return notices;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
