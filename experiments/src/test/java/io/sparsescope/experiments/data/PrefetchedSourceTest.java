package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PrefetchedSourceTest {

  @Test
  void deliversEveryRecordOnceInOrderWhateverIsAskedFor() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int size = random.nextInt(300);
      Counting plain = new Counting(size);
      List<Integer> values = new ArrayList<>();
      try (DataSource source = new PrefetchedSource(plain)) {
        assertThat(source.size()).hasValue(size);
        Optional<Batch> next = Optional.empty();
        do {
          int wanted = 1 + random.nextInt(random.nextBoolean() ? 5 : 100);
          next = source.next(wanted);
          int left = size - values.size();
          assertThat(next.map(Batch::count).orElse(0)).isEqualTo(Math.min(wanted, left));
          next.ifPresent(batch -> addAll(values, batch));
        } while (next.isPresent());
        assertThat(source.next(1)).isEmpty();
        assertThat(source.notices()).containsExactly("read " + size);
      }
      assertThat(values).hasSize(size).isSorted().doesNotHaveDuplicates();
      assertThat(plain.closed.get()).isEqualTo(1);
    }
  }

  @Test
  void failsWhereTheFailingRecordIsAskedFor() {
    Counting plain = new Counting(100);
    plain.failAt = 45;
    try (DataSource source = new PrefetchedSource(plain)) {
      List<Integer> values = new ArrayList<>();
      addAll(values, source.next(40).orElseThrow());
      addAll(values, source.next(5).orElseThrow());
      assertThat(values).hasSize(45).last().isEqualTo(44);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> source.next(1))
            .isInstanceOf(DataException.class)
            .hasMessage("file: record 45");
      }
    }
  }

  @Test
  void failsWithoutDeliveringPartOfABatch() {
    Counting plain = new Counting(100);
    plain.failAt = 45;
    try (DataSource source = new PrefetchedSource(plain)) {
      source.next(40);
      assertThatThrownBy(() -> source.next(10)).hasMessage("file: record 45");
    }
  }

  @Test
  void passesFixedBatchesOnAsTheyAre() {
    Counting plain = new Counting(6);
    plain.fixed = 2;
    try (DataSource source = new PrefetchedSource(plain)) {
      assertThat(source.fixedBatch()).isEqualTo(2);
      List<Integer> values = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Batch batch = source.next(100).orElseThrow();
        assertThat(batch.count()).isEqualTo(2);
        addAll(values, batch);
      }
      assertThat(values).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(source.next(100)).isEmpty();
    }
  }

  @Test
  void readsAheadButNotFarAndStopsWhenItIsClosed() throws InterruptedException {
    Counting plain = new Counting(Integer.MAX_VALUE);
    List<Thread> before = readers();
    DataSource source = new PrefetchedSource(plain);
    source.next(1);
    // Three chunks that wait, one that waits for its place, and the one that was delivered.
    assertThat(plain.reads.tryAcquire(5, 20, TimeUnit.SECONDS)).isTrue();
    List<Thread> during = readers();
    during.removeAll(before);
    assertThat(during).hasSize(1);
    assertThat(during.get(0).isDaemon()).isTrue();
    awaitWaiting(during.get(0));
    assertThat(plain.at).isEqualTo(5);
    source.close();
    assertThat(during.get(0).isAlive()).isFalse();
    assertThat(plain.closed.get()).isEqualTo(1);
    assertThat(source.next(1)).isEmpty();
  }

  @Test
  void closesWhileTheSourceWaits() throws InterruptedException {
    Counting plain = new Counting(100);
    CountDownLatch waits = new CountDownLatch(1);
    plain.before =
        () -> {
          if (plain.at == 1) {
            waits.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw new DataException("interrupted", e);
            }
          }
        };
    DataSource source = new PrefetchedSource(plain);
    source.next(1);
    waits.await();
    source.close();
    assertThat(plain.closed.get()).isEqualTo(1);
  }

  @Test
  void needsNoThreadWhereNothingIsRead() {
    Counting plain = new Counting(3);
    List<Thread> before = readers();
    new PrefetchedSource(plain).close();
    assertThat(readers()).isEqualTo(before);
    assertThat(plain.closed.get()).isEqualTo(1);
  }

  @Test
  void keepsABatchUntilTheNextIsAskedFor() {
    try (DataSource source = new PrefetchedSource(new Counting(200))) {
      Batch batch = source.next(10).orElseThrow();
      BatchBuffer memory = new BatchBuffer();
      Batch held = memory.hold(batch);
      for (int i = 0; i < 10; i++) {
        source.next(10);
      }
      List<Integer> values = new ArrayList<>();
      addAll(values, held);
      assertThat(values).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  private static void awaitWaiting(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
  }

  private static List<Thread> readers() {
    return new ArrayList<>(
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("sparsescope-data"))
            .toList());
  }

  private static void addAll(List<Integer> values, Batch batch) {
    TensorValue value = batch.inputs().get("x");
    assertThat(value.shape()).containsExactly((long) batch.count(), 2L);
    assertThat(value.data().remaining()).isEqualTo(8 * batch.count());
    assertThat(batch.labels()).hasSize(batch.count());
    for (int i = 0; i < batch.count(); i++) {
      int record = value.data().getInt(8 * i);
      assertThat(value.data().getInt(8 * i + 4)).isEqualTo(-record);
      assertThat(batch.labels().get(i)).isEqualTo(record);
      values.add(record);
    }
  }

  /** Record r is [r, -r] and has label r. Its buffer is reused, as sources may. */
  private static final class Counting implements DataSource {
    private final int size;
    private final ByteBuffer buffer =
        ByteBuffer.allocateDirect(8 * 200).order(ByteOrder.LITTLE_ENDIAN);
    private final AtomicInteger closed = new AtomicInteger();
    private final Semaphore reads = new Semaphore(0);
    private Runnable before = () -> {};
    private int fixed;
    private int failAt = Integer.MAX_VALUE;
    private volatile int at;

    Counting(int size) {
      this.size = size;
    }

    @Override
    public Optional<Batch> next(int records) {
      before.run();
      if (at == failAt) {
        throw new DataException("file: record " + at);
      }
      int end = Math.min(Math.min(size, failAt), at + (fixed > 0 ? fixed : records));
      if (at == end) {
        return Optional.empty();
      }
      buffer.clear();
      List<Integer> labels = new ArrayList<>();
      int count = end - at;
      for (int r = at; r < end; r++) {
        buffer.putInt(r).putInt(-r);
        labels.add(r);
      }
      at = end;
      reads.release();
      TensorValue value =
          new TensorValue(ElementType.INT32, List.of((long) count, 2L), buffer.flip());
      return Optional.of(new Batch(Map.of("x", value), labels, count));
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(size);
    }

    @Override
    public int fixedBatch() {
      return fixed;
    }

    @Override
    public List<String> notices() {
      return List.of("read " + at);
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }
}
