package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Threads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Work done by several threads, whose results are taken in the order in which it was given out, by
 * the thread that gives it out. Of several failures the first in that order is thrown.
 */
final class OrderedWork<T> implements AutoCloseable {
  private final ExecutorService workers;
  private final Consumer<T> results;
  private final Deque<Future<T>> open = new ArrayDeque<>();
  private final int window;

  OrderedWork(int threads, Consumer<T> results) {
    this.results = results;
    // One waits, so that no thread does.
    window = threads + 1;
    workers = Executors.newFixedThreadPool(threads, Threads.named("sparsescope-evaluate"));
  }

  /** How many pieces of work may be open. */
  int window() {
    return window;
  }

  /** Gives out a piece of work; takes the oldest results first where too many are open. */
  void submit(Callable<T> work) {
    while (open.size() >= window) {
      takeOldest();
    }
    open.add(workers.submit(work));
  }

  /** Takes the results of all that is open. */
  void finish() {
    while (!open.isEmpty()) {
      takeOldest();
    }
  }

  private void takeOldest() {
    try {
      results.accept(open.remove().get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExperimentException("the evaluation was interrupted; start it again", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new AssertionError("work throws no checked exceptions", e.getCause());
    }
  }

  /** Returns when no thread works any more. */
  @Override
  public void close() {
    open.forEach(future -> future.cancel(false));
    workers.shutdown();
    Threads.awaitEnd(workers);
  }
}
