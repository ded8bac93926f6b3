package io.sparsescope.agent.export;

import io.sparsescope.agent.threads.Daemons;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few threads for the server's requests, there only while there is work. A request that takes too
 * long, because its client is slow to write or to read, is interrupted, which closes its
 * connection; so is one that finds the queue full.
 */
final class Workers implements Executor, AutoCloseable {
  private static final int THREADS = 2;
  private static final int QUEUE = 64;
  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor clock;
  private final Duration limit;

  /**
   * @param limit the most time for a request, from its first byte to its answer's last
   */
  Workers(Duration limit) {
    this.limit = limit;
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            work -> Daemons.of("sparsescope-http", work));
    threads.allowCoreThreadTimeOut(true);
    clock = new ScheduledThreadPoolExecutor(1, work -> Daemons.of("sparsescope-http-limit", work));
    clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
    clock.setRemoveOnCancelPolicy(true);
  }

  /**
   * @throws RejectedExecutionException if too many wait already
   */
  @Override
  public void execute(Runnable request) {
    threads.execute(() -> timed(request));
  }

  private void timed(Runnable request) {
    Limit own = new Limit(Thread.currentThread());
    Future<?> alarm = clock.schedule(own::reached, limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      request.run();
    } finally {
      own.done();
      alarm.cancel(false);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    clock.shutdownNow();
  }

  /** Interrupts a thread while it works on one request, never later. */
  private static final class Limit {
    private Thread worker;

    Limit(Thread worker) {
      this.worker = worker;
    }

    synchronized void reached() {
      if (worker != null) {
        worker.interrupt();
      }
    }

    synchronized void done() {
      worker = null;
      Thread.interrupted();
    }
  }
}
