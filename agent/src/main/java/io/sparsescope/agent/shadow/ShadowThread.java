package io.sparsescope.agent.shadow;

import io.sparsescope.agent.threads.Daemons;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * One daemon thread of the lowest priority and the bounded queue of what it has to do. Nobody who
 * hands work over ever waits: a place in the queue is free, or the work is not taken.
 */
public final class ShadowThread {
  private final int places;
  private final Consumer<Throwable> failed;
  private final Deque<ShadowTask> waiting = new ArrayDeque<>();

  /** Places promised to work that is still being prepared. */
  private int reserved;

  private boolean busy;
  private boolean stopped;

  /**
   * @param places how much may wait
   * @param failed hears what a task throws
   */
  public ShadowThread(int places, Consumer<Throwable> failed) {
    this.places = places;
    this.failed = failed;
  }

  /**
   * Begins to work. To be called by a thread of the agent's own: a new thread remembers whose code
   * started it.
   */
  public void start() {
    Thread thread = Daemons.of("sparsescope-shadow", this::work);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  /** Reserves a place for work that is then handed over or given up; false if there is none. */
  public synchronized boolean reserve() {
    if (stopped || waiting.size() + reserved >= places) {
      return false;
    }
    reserved++;
    return true;
  }

  /** Gives a reserved place back. */
  public synchronized void cancel() {
    reserved--;
  }

  /** Hands over the work that a place was reserved for. */
  public void submit(ShadowTask task) {
    synchronized (this) {
      reserved--;
      if (!stopped) {
        waiting.add(task);
        notifyAll();
        return;
      }
    }
    drop(task);
  }

  /** Drops what waits for this owner. What is being done at this moment goes on. */
  public void forget(Object owner) {
    List<ShadowTask> dropped = new ArrayList<>();
    synchronized (this) {
      waiting.removeIf(
          task -> {
            boolean goes = task.owner() == owner;
            if (goes) {
              dropped.add(task);
            }
            return goes;
          });
    }
    dropped.forEach(this::drop);
  }

  /**
   * Takes no more work, goes on with what waits for at most {@code patience}, drops the rest and
   * waits until the last task has ended, or {@code limit} has passed.
   *
   * @return whether nothing is being done any more
   */
  public boolean stop(Duration patience, Duration limit) {
    boolean interrupted = false;
    long begun = System.nanoTime();
    List<ShadowTask> dropped = new ArrayList<>();
    boolean idle = false;
    synchronized (this) {
      stopped = true;
      while (!idle) {
        long passed = System.nanoTime() - begun;
        if (passed >= patience.toNanos()) {
          dropped.addAll(waiting);
          waiting.clear();
        }
        idle = !busy && waiting.isEmpty();
        long until = waiting.isEmpty() ? limit.toNanos() : patience.toNanos();
        if (idle || passed >= limit.toNanos()) {
          break;
        }
        try {
          wait(Math.max(1, (until - passed) / 1_000_000));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      notifyAll();
    }
    dropped.forEach(this::drop);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return idle;
  }

  /** Nothing of a task stays on the stack while the thread waits for the next. */
  private void work() {
    boolean more = true;
    while (more) {
      more = workOnce();
    }
  }

  private boolean workOnce() {
    ShadowTask task = next();
    if (task == null) {
      return false;
    }
    try {
      task.run();
    } catch (Throwable t) {
      failed.accept(t);
    } finally {
      done();
    }
    return true;
  }

  /** Null once there is nothing more to do, ever. */
  private synchronized ShadowTask next() {
    while (waiting.isEmpty()) {
      if (stopped) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        // Whoever wants all threads gone need not wait for this one: it is a daemon.
      }
    }
    busy = true;
    return waiting.poll();
  }

  private synchronized void done() {
    busy = false;
    notifyAll();
  }

  private void drop(ShadowTask task) {
    try {
      task.drop();
    } catch (Throwable t) {
      failed.accept(t);
    }
  }
}
