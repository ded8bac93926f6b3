package io.sparsescope.experiments.data;

import io.sparsescope.experiments.ExperimentException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the bytes of records, one behind the other: in direct memory up to a bound, then in
 * temporary files that are mapped. The files are deleted as soon as they are mapped where the
 * system lets that happen, so nothing stays behind a process that dies.
 */
public final class RecordMemory {
  private static final int FIRST_SEGMENT = 1 << 20;
  private static final int LARGEST_SEGMENT = 64 << 20;
  private static final int ZEROS = 1 << 16;

  private final long bound;
  private final List<ByteBuffer> segments = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private long held;

  /** Where a record lies. */
  private record Place(int segment, int start, int bytes) {}

  /**
   * @param bound bytes that may be held without a file
   */
  public RecordMemory(long bound) {
    this.bound = bound;
  }

  /** Adds a record: the buffer's remaining bytes, of which it takes none away. */
  public void add(ByteBuffer record) {
    int bytes = record.remaining();
    if (segments.isEmpty() || last().remaining() < bytes) {
      int size = Math.min(LARGEST_SEGMENT, FIRST_SEGMENT << Math.min(6, segments.size()));
      segments.add(segment(Math.max(size, bytes)));
    }
    places.add(new Place(segments.size() - 1, last().position(), bytes));
    last().put(record.duplicate());
  }

  private ByteBuffer last() {
    return segments.get(segments.size() - 1);
  }

  private ByteBuffer segment(int bytes) {
    held += bytes;
    return held <= bound ? ByteBuffer.allocateDirect(bytes) : mapped(bytes);
  }

  private static ByteBuffer mapped(int bytes) {
    try {
      Path file = Files.createTempFile("sparsescope-records", ".bin");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        // A mapped file that has no room crashes when it is touched: take the room now.
        ByteBuffer zeros = ByteBuffer.allocate(ZEROS);
        for (int done = 0; done < bytes; ) {
          done += channel.write(zeros.clear().limit(Math.min(ZEROS, bytes - done)));
        }
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      } finally {
        discard(file);
      }
    } catch (IOException e) {
      throw new ExperimentException(
          "cannot hold the records in "
              + System.getProperty("java.io.tmpdir")
              + " ("
              + e.getMessage()
              + "); make room there, choose a smaller --limit, or set -Djava.io.tmpdir",
          e);
    }
  }

  private static void discard(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      // Where a mapped file cannot be deleted, it goes when the process ends.
      file.toFile().deleteOnExit();
    }
  }

  /** Whether anything lies in files. */
  public boolean usesFiles() {
    return held > bound;
  }

  /**
   * The records one behind the other: as they lie, where they lie so, else a copy. Safe for use by
   * several threads once all records are added.
   */
  public ByteBuffer read(int[] records) {
    Place first = places.get(records[0]);
    boolean adjacent = true;
    long bytes = first.bytes;
    for (int i = 1; i < records.length; i++) {
      Place place = places.get(records[i]);
      adjacent &= place.segment == first.segment && place.start == first.start + bytes;
      bytes += place.bytes;
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new ExperimentException(
          "a run of "
              + records.length
              + " records takes more than 2 GiB; choose a smaller --batch");
    }
    if (adjacent) {
      return slice(first, (int) bytes);
    }
    ByteBuffer copy = ByteBuffer.allocateDirect((int) bytes);
    for (int record : records) {
      Place place = places.get(record);
      copy.put(slice(place, place.bytes));
    }
    return copy.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer slice(Place place, int bytes) {
    return segments
        .get(place.segment)
        .duplicate()
        .clear()
        .slice(place.start, bytes)
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
