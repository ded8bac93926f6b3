package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Records from an array whose first dimension counts them; from another their labels (integers), or
 * what a model should say of them (float32 or float64).
 */
final class NpyReader implements RecordReader {
  private final NpyFile values;
  private final NpyFile labels;
  private final byte[] record;
  private final byte[] label;
  private long at;

  private NpyReader(NpyFile values, NpyFile labels) {
    this.values = values;
    this.labels = labels;
    record = new byte[values.recordBytes()];
    if (labels == null) {
      label = new byte[0];
      return;
    }
    if (!hasTargets()
        && (labels.recordBytes() != labels.type().bits() / 8 || labels.type().isFloat())) {
      throw new DataException(
          labels.path()
              + ": labels must be integers, one a record, and targets float32 or float64; save them"
              + " with astype('<i8') or astype('<f4')");
    }
    if (labels.records() != values.records()) {
      throw new DataException(
          labels.path()
              + ": "
              + labels.records()
              + (hasTargets() ? " targets for the " : " labels for the ")
              + values.records()
              + " records of "
              + values.path().getFileName()
              + "; use files that belong together");
    }
    label = new byte[labels.recordBytes()];
  }

  static NpyReader open(Path values, Optional<Path> labels) {
    NpyFile x = NpyFile.open(values);
    NpyFile y = null;
    try {
      y = labels.map(NpyFile::open).orElse(null);
      return new NpyReader(x, y);
    } catch (DataException e) {
      x.close();
      if (y != null) {
        y.close();
      }
      throw e;
    }
  }

  @Override
  public String name() {
    return values.path().toString();
  }

  @Override
  public ElementType type() {
    return values.type();
  }

  @Override
  public List<Long> dims() {
    return values.recordDims();
  }

  @Override
  public boolean images() {
    return false;
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(values.records());
  }

  @Override
  public boolean next() {
    if (at == values.records()) {
      return false;
    }
    values.read(record, at);
    if (labels != null) {
      labels.read(label, at);
      if (!hasTargets()) {
        checkLabel();
      }
    }
    at++;
    return true;
  }

  private boolean hasTargets() {
    return labels != null
        && (labels.type() == ElementType.FLOAT || labels.type() == ElementType.DOUBLE);
  }

  private void checkLabel() {
    long value = labelValue();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new DataException(
          labels.path() + ": record " + at + " has label " + value + "; labels begin at 0");
    }
  }

  private long labelValue() {
    ByteBuffer buffer = ByteBuffer.wrap(label).order(ByteOrder.LITTLE_ENDIAN);
    return switch (labels.type()) {
      case INT64 -> buffer.getLong();
      case INT32 -> buffer.getInt();
      case INT8 -> buffer.get();
      default -> buffer.get() & 0xff;
    };
  }

  @Override
  public ByteBuffer values() {
    return ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public int label() {
    return labels == null || hasTargets() ? NO_LABEL : (int) labelValue();
  }

  @Override
  public Optional<List<Long>> targetDims() {
    return hasTargets() ? Optional.of(labels.recordDims()) : Optional.empty();
  }

  @Override
  public ByteBuffer target() {
    ByteBuffer stored = ByteBuffer.wrap(label).order(ByteOrder.LITTLE_ENDIAN);
    if (labels.type() == ElementType.FLOAT) {
      return stored;
    }
    ByteBuffer floats =
        ByteBuffer.allocate(label.length / Double.BYTES * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    while (stored.hasRemaining()) {
      floats.putFloat((float) stored.getDouble());
    }
    return floats.flip();
  }

  @Override
  public void close() {
    values.close();
    if (labels != null) {
      labels.close();
    }
  }
}
