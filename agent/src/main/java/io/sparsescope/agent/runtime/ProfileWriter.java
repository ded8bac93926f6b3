package io.sparsescope.agent.runtime;

import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.profile.Profile;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Writes the profile file at every interval and at exit. Reads counters only, nothing of ONNX
 * Runtime's, which may be closing at the same time. A file that cannot be written is reported and
 * tried again.
 */
final class ProfileWriter implements AutoCloseable {
  /** More than writing a profile takes, unless the disk hangs. */
  private static final long PATIENCE_MILLIS = 2000;

  private final Path file;
  private final Duration interval;
  private final Observed observed;
  private final AgentLog log;
  private final Thread writer = daemon(this::writeRepeatedly);
  private final Thread atExit = daemon(this::writeLast);
  private final Runnable beforeLast;

  /** Writes what was counted between two writes, null if nobody asks for that. */
  private final IntervalWriter intervals;

  /**
   * @param intervals null if nobody asks for what was counted between two writes
   * @param beforeLast what is done at the JVM's end before the last profile
   */
  ProfileWriter(
      Path file,
      Duration interval,
      Observed observed,
      IntervalWriter intervals,
      Runnable beforeLast,
      AgentLog log) {
    this.file = file;
    this.interval = interval;
    this.observed = observed;
    this.intervals = intervals;
    this.beforeLast = beforeLast;
    this.log = log;
  }

  /** Begins writing: a daemon thread, and a hook for the JVM's end. */
  void start() {
    writer.start();
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Writes the last profile and ends writing. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook writes what there is.
      return;
    }
    writer.interrupt();
    try {
      writer.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writeAtExit();
  }

  private static Thread daemon(Runnable work) {
    return Daemons.of("sparsescope-profile", work);
  }

  @SuppressWarnings("InfiniteLoop") // Ends when interrupted, or with the JVM, as daemons do.
  private void writeRepeatedly() {
    try {
      while (true) {
        Thread.sleep(interval.toMillis());
        write(true);
      }
    } catch (InterruptedException e) {
      // The last profile is written by who interrupts us, or by the hook.
    } catch (Throwable t) {
      log.failed("writing the profile at intervals", t);
    }
  }

  private void writeLast() {
    try {
      beforeLast.run();
    } catch (Throwable t) {
      log.failed("counting what was still to be counted at exit", t);
    }
    writeAtExit();
  }

  private void writeAtExit() {
    try {
      write(false);
    } catch (Throwable t) {
      log.failed("writing the profile at exit", t);
    }
  }

  /** A JVM that never loads ONNX Runtime leaves no file behind. */
  private synchronized void write(boolean onlyWithModels) {
    if (!observed.sawOnnxRuntime()) {
      return;
    }
    writeInterval();
    try {
      Profile profile = observed.profile();
      if (onlyWithModels && profile.models().isEmpty()) {
        return;
      }
      profile.writeTo(file);
      log.debug("wrote " + file);
    } catch (Throwable t) {
      log.failed("writing the profile", t);
    }
  }

  private void writeInterval() {
    try {
      if (intervals != null) {
        intervals.write();
      }
    } catch (Throwable t) {
      log.failed("writing the profile of an interval", t);
    }
  }
}
