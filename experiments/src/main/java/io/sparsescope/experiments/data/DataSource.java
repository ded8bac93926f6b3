package io.sparsescope.experiments.data;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A data set, read once from its beginning to its end. Used by one thread. */
public interface DataSource extends AutoCloseable {
  /** Records that are read of data that never ends, where no limit is given. */
  int DEFAULT_RECORDS = 100;

  /**
   * The next batch, or nothing at the end.
   *
   * @param records records wanted; fewer come at the end, and the model's own number where its
   *     inputs have a fixed batch size
   * @throws DataException naming file and record where the data is damaged
   */
  Optional<Batch> next(int records);

  /**
   * Number of records, where it is known before they are read. Not where to stop: what is damaged
   * behind the last whole record shows only to those who ask for more.
   */
  OptionalLong size();

  /** Whether it never ends, so that the reader must set a limit. */
  default boolean endless() {
    return false;
  }

  /**
   * How many records to read; empty for all there are.
   *
   * @param limit what the user has asked for
   */
  default OptionalLong wanted(OptionalLong limit) {
    return limit.isEmpty() && endless() ? OptionalLong.of(DEFAULT_RECORDS) : limit;
  }

  /** How many records of those wanted are there, where it is known before they are read. */
  default OptionalLong expected(OptionalLong limit) {
    OptionalLong wanted = wanted(limit);
    return wanted.isEmpty()
        ? size()
        : OptionalLong.of(Math.min(wanted.getAsLong(), size().orElse(Long.MAX_VALUE)));
  }

  /** Records in every batch, whatever is asked for; 0 where batches of any size can be had. */
  default int fixedBatch() {
    return 0;
  }

  /**
   * What messages call a record that was delivered: its file and its place in it. May be asked by
   * any thread.
   *
   * @param record its number in this source, from 0
   */
  default String describe(long record) {
    return "record " + record;
  }

  /** What a user should know about how the data was fed, a line each; final once it is read. */
  List<String> notices();

  @Override
  void close();
}
