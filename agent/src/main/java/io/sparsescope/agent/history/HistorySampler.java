package io.sparsescope.agent.history;

import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.profile.Profile;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Takes a sample for the history every few seconds, on a daemon thread of its own. */
public final class HistorySampler implements AutoCloseable {
  /** Time between two samples, in ms. */
  static final long STEP = 5000;

  private final Supplier<Profile> profile;
  private final Consumer<Throwable> failed;
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private final History history = new History(startMillis, STEP);
  private final Thread thread = Daemons.of("sparsescope-history", this::sampleRepeatedly);

  private HistorySampler(Supplier<Profile> profile, Consumer<Throwable> failed) {
    this.profile = profile;
    this.failed = failed;
  }

  /**
   * Begins to take samples.
   *
   * @param profile everything counted, as of now
   * @param failed told what kept a sample from being taken; sampling goes on
   */
  public static HistorySampler start(Supplier<Profile> profile, Consumer<Throwable> failed) {
    HistorySampler sampler = new HistorySampler(profile, failed);
    sampler.thread.start();
    return sampler;
  }

  /**
   * The history as JSON.
   *
   * @param reference whether the service is compared with a reference profile
   * @param query the part of a URL behind the question mark, as {@link HistoryQuery} reads it, or
   *     null
   */
  public byte[] toJson(boolean reference, String query) {
    return history.toJson(ServiceInfo.current(reference), HistoryQuery.parse(query));
  }

  /** Takes no further samples; what was taken stays readable. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private void sampleRepeatedly() {
    try {
      while (true) {
        Thread.sleep(STEP);
        sample();
      }
    } catch (InterruptedException e) {
      // Closed, or somebody wants all threads gone.
    }
  }

  private void sample() {
    try {
      history.add(now(), profile.get().models());
    } catch (Throwable t) {
      failed.accept(t);
    }
  }

  /** Time of day that never goes back. */
  private long now() {
    return startMillis + (System.nanoTime() - startNanos) / 1_000_000;
  }
}
