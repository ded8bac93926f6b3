package io.sparsescope.experiments.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * Runs candidates from the highest threshold down. Threads that the first one cannot use, because
 * it is about to fail, run those that follow; what they find is used only if it is their turn.
 */
final class Descent implements AutoCloseable {
  /** Candidates that may be begun before it is their turn. */
  private static final int AHEAD = 2;

  private final Deque<Double> thresholds;
  private final DoubleFunction<Race> races;
  private final Count count;
  private final Deque<Race> begun = new ArrayDeque<>();

  /** Over, but with batches still under way. */
  private final List<Race> leaving = new ArrayList<>();

  /** Records of the first candidate that were told. */
  private int told;

  /** A batch to be run. */
  private record Task(Race race, int batch) {}

  /**
   * @param thresholds descending
   * @param races begins with a candidate
   */
  Descent(List<Double> thresholds, DoubleFunction<Race> races, Count count) {
    this.thresholds = new ArrayDeque<>(thresholds);
    this.races = races;
    this.count = count;
  }

  /** Goes on to the next candidate that does not fail by the runs of its parts. */
  Optional<Race> next(Workers workers) {
    workers.run(
        () -> {
          Optional<Task> task = start();
          task.ifPresent(t -> finish(t, t.race().values(t.batch())));
          return task.isPresent();
        });
    return Optional.ofNullable(begun.peek());
  }

  /** Gives up the candidate that {@link #next} gave. */
  synchronized void giveUp() {
    leave(begun.remove());
    dropFailed();
  }

  private synchronized Optional<Task> start() {
    Optional<Race> ready = Optional.empty();
    int place = 0;
    if (!begun.isEmpty() && begun.peek().isOver()) {
      return Optional.empty();
    }
    for (Race race : begun) {
      if (race.canStart()) {
        if (!race.hasEnough()) {
          return task(race);
        }
        ready = ready.isPresent() ? ready : Optional.of(race);
      }
      place++;
    }
    if (place <= AHEAD && !thresholds.isEmpty()) {
      Race race = races.apply(thresholds.remove());
      begun.add(race);
      return task(race);
    }
    return ready.flatMap(Descent::task);
  }

  private static Optional<Task> task(Race race) {
    return Optional.of(new Task(race, race.start()));
  }

  private synchronized void finish(Task task, double[] values) {
    task.race().add(task.batch(), values);
    if (leaving.contains(task.race()) && task.race().isIdle()) {
      leaving.remove(task.race());
      task.race().close();
    }
    dropFailed();
  }

  /** Those whose turn it is and that have failed; what was run of one counts from its turn on. */
  private void dropFailed() {
    while (!begun.isEmpty()) {
      Race first = begun.peek();
      if (first.records() > told) {
        count.add(first.records() - told);
        told = first.records();
      }
      if (!first.failed()) {
        return;
      }
      leave(begun.remove());
    }
  }

  private void leave(Race race) {
    told = 0;
    count.failed();
    if (race.isIdle()) {
      race.close();
    } else {
      leaving.add(race);
    }
  }

  @Override
  public synchronized void close() {
    begun.forEach(Race::close);
    leaving.forEach(Race::close);
  }
}
