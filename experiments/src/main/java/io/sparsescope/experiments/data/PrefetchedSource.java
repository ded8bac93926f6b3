package io.sparsescope.experiments.data;

import io.sparsescope.experiments.Threads;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads a source ahead on a thread of its own, in chunks of a few records, while earlier ones are
 * worked on. Whatever goes wrong there is thrown to the reader once it asks for the record. The
 * thread starts with the first batch, and ends with the data, the first failure, or {@link #close}.
 */
final class PrefetchedSource implements DataSource {
  private static final int AHEAD = 3;
  private static final int CHUNK = 32;

  private final DataSource source;
  private final OptionalLong size;
  private final int fixed;
  private final BlockingQueue<Chunk> ready = new ArrayBlockingQueue<>(AHEAD);

  /** Memory for chunks: those that are ready, the one that is read, the one being filled. */
  private final BlockingQueue<BatchBuffer> free = new ArrayBlockingQueue<>(AHEAD + 2);

  private final BatchJoin join = new BatchJoin();
  private Thread thread;
  private boolean closed;
  private List<String> notices;

  /** What records are taken from; one without a batch stays for good. */
  private Chunk current;

  /** The next record in it. */
  private int at;

  /**
   * What the thread hands over.
   *
   * @param batch records; null where there are no more
   * @param memory where they lie, to be given back
   * @param failure why there are no more; null at the end of the data
   * @param notices the source's, as they were then
   */
  private record Chunk(Batch batch, BatchBuffer memory, Throwable failure, List<String> notices) {}

  PrefetchedSource(DataSource source) {
    this.source = source;
    size = source.size();
    fixed = source.fixedBatch();
    notices = source.notices();
    while (free.remainingCapacity() > 0) {
      free.add(new BatchBuffer());
    }
  }

  @Override
  public Optional<Batch> next(int records) {
    if (closed) {
      return Optional.empty();
    }
    if (thread == null) {
      start(fixed > 0 ? records : Math.min(records, CHUNK));
    }
    join.begin((int) Math.min(records, size.orElse(records)));
    while (join.count() < records && advance()) {
      int left = current.batch().count() - at;
      if (fixed > 0 || (at == 0 && join.count() == 0 && left == records)) {
        at += left;
        return Optional.of(current.batch());
      }
      int taken = Math.min(left, records - join.count());
      join.add(current.batch(), at, at + taken);
      at += taken;
    }
    if (join.count() < records && current.failure() != null) {
      throw rethrown(current.failure());
    }
    return join.count() == 0 ? Optional.empty() : Optional.of(join.batch());
  }

  /** Sees to it that the current chunk has records left; false if there are no more. */
  private boolean advance() {
    if (current != null && current.batch() != null && at == current.batch().count()) {
      free.add(current.memory());
      current = null;
    }
    if (current == null) {
      try {
        current = ready.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DataException("reading the data was interrupted; start again", e);
      }
      at = 0;
      notices = current.notices();
    }
    return current.batch() != null;
  }

  /** The stack trace tells where the data was read, which is what helps. */
  private static RuntimeException rethrown(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  private void start(int chunk) {
    thread = Threads.named("sparsescope-data").newThread(() -> readAll(chunk));
    thread.start();
  }

  private void readAll(int chunk) {
    try {
      boolean more = true;
      while (more) {
        BatchBuffer memory = free.take();
        Chunk next = read(chunk, memory);
        more = next.batch() != null;
        ready.put(next);
      }
    } catch (InterruptedException e) {
      // Closed before its end.
    }
  }

  private Chunk read(int records, BatchBuffer memory) {
    try {
      Batch batch = source.next(records).map(memory::hold).orElse(null);
      return new Chunk(batch, memory, null, source.notices());
    } catch (RuntimeException | Error e) {
      return new Chunk(null, memory, e, source.notices());
    }
  }

  @Override
  public OptionalLong size() {
    return size;
  }

  @Override
  public boolean endless() {
    return source.endless();
  }

  @Override
  public int fixedBatch() {
    return fixed;
  }

  @Override
  public String describe(long record) {
    return source.describe(record);
  }

  @Override
  public List<String> notices() {
    return notices;
  }

  /** Returns when the thread has ended. */
  @Override
  public void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
      joinThread();
    }
    source.close();
  }

  private void joinThread() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // The source must not be closed while the thread reads from it.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
