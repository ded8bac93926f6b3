package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Records of one shape and type, one after the other. */
interface RecordReader extends AutoCloseable {
  /** No label. */
  int NO_LABEL = -1;

  /** What messages call the data. */
  String name();

  ElementType type();

  /** Shape of a record; channels, height and width for images. */
  List<Long> dims();

  /** Whether records are images in planes, to be laid out as the model wants them. */
  boolean images();

  OptionalLong size();

  /** Goes to the next record, if there is one. */
  boolean next();

  /** Values of the record, little-endian, from position 0 to limit; valid until the next one. */
  ByteBuffer values();

  /** The record's class, or {@link #NO_LABEL}. */
  int label();

  /** Shape of what a model should say of a record; empty where the data does not tell. */
  default Optional<List<Long>> targetDims() {
    return Optional.empty();
  }

  /** What a model should say of the record: float32, little-endian, from position 0 to limit. */
  default ByteBuffer target() {
    throw new IllegalStateException(name() + " has no targets");
  }

  /** What messages call a record that was read; may be called by any thread. */
  default String describe(long record) {
    return name() + ": record " + record;
  }

  /** What a user should know about the records read so far, a line each. */
  default List<String> notices() {
    return List.of();
  }

  @Override
  void close();
}
