package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Threads that take steps of a job until there are none left. */
final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  Workers(int threads) {
    this.threads = threads;
    executor = Executors.newFixedThreadPool(threads, Threads.named("sparsescope-search"));
  }

  /**
   * Has each thread call {@code step} until it returns false, and waits for all of them. Where one
   * throws, the others end behind the step they are at, and its exception is thrown here.
   */
  void run(BooleanSupplier step) {
    AtomicBoolean failed = new AtomicBoolean();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      running.add(executor.submit(() -> work(step, failed)));
    }
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<?> future : running) {
      boolean done = false;
      while (!done) {
        try {
          future.get();
          done = true;
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          done = true;
        } catch (InterruptedException e) {
          // What the steps use may only be closed when they have ended.
          interrupted = true;
          failed.set(true);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new ExperimentException("the search was interrupted; --resume goes on with it");
    }
    rethrow(failure);
  }

  private static void work(BooleanSupplier step, AtomicBoolean failed) {
    boolean more = true;
    try {
      while (more && !failed.get()) {
        more = step.getAsBoolean();
      }
    } catch (RuntimeException | Error e) {
      failed.set(true);
      throw e;
    }
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new ExperimentException("the search fails (" + failure + ")", failure);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
