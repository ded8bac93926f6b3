package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UsageTest {

  @Test
  void letsNobodyInOnceClosed() {
    Usage usage = new Usage();
    assertThat(usage.enter()).isTrue();
    assertThat(usage.enter()).isTrue();
    usage.close();

    assertThat(usage.enter()).isFalse();
    assertThat(usage.awaitUnused(Duration.ZERO)).isFalse();
    usage.users.decrementAndGet();
    assertThat(usage.awaitUnused(Duration.ZERO)).isFalse();
    usage.users.decrementAndGet();
    assertThat(usage.awaitUnused(Duration.ZERO)).isTrue();
    assertThat(usage.enter()).isFalse();
    assertThat(usage.awaitUnused(Duration.ZERO)).isTrue();
  }

  @Test
  void keepsAWaiterInterruptedWhoWaitsAllTheSame() throws Exception {
    Usage usage = new Usage();
    usage.enter();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread waiter =
        new Thread(
            () -> {
              usage.awaitUnused();
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    waiter.start();
    waiter.interrupt();
    while (waiter.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    usage.users.decrementAndGet();
    waiter.join();

    assertThat(interrupted).isTrue();
  }

  /** Nobody is inside when the waiter is told so, whoever comes at the same moment. */
  @Test
  void isUnusedWhenItSaysSo() throws Exception {
    for (int round = 0; round < 300; round++) {
      Usage usage = new Usage();
      AtomicInteger inside = new AtomicInteger();
      CountDownLatch begun = new CountDownLatch(3);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Thread thread =
            new Thread(
                () -> {
                  begun.countDown();
                  while (usage.enter()) {
                    inside.incrementAndGet();
                    Thread.onSpinWait();
                    inside.decrementAndGet();
                    usage.users.decrementAndGet();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      begun.await();
      usage.awaitUnused();
      assertThat(inside).hasValue(0);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(inside).hasValue(0);
    }
  }
}
