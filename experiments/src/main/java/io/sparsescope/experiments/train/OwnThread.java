package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Threads;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Work on a thread that ends with it, and whose settings trouble nobody else. */
final class OwnThread {
  private OwnThread() {}

  /**
   * Does the work and waits for it. What it throws is thrown here.
   *
   * @throws ExperimentException if the caller is interrupted; the work is done or interrupted then
   */
  static <T> T call(String name, Supplier<T> work) {
    ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
    try {
      return thread.submit(work::get).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExperimentException(
          "the training was interrupted; --resume goes on from its last checkpoint, if it has one",
          e);
    } finally {
      thread.shutdownNow();
      Threads.awaitEnd(thread);
    }
  }
}
