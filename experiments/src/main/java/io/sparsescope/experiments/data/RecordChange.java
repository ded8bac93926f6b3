package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;

/** Changes a record before it is encoded; the way of augmentation. */
@FunctionalInterface
public interface RecordChange {
  /** Leaves records as they are. */
  RecordChange NONE = record -> record;

  /**
   * @param record the stored values, in planes for images; not to be changed
   * @return the record itself, or as many values in memory of its own
   */
  ByteBuffer apply(ByteBuffer record);
}
