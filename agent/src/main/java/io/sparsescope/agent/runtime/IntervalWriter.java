package io.sparsescope.agent.runtime;

import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes what was counted since the last time into a file of its own. Merging all such files gives
 * the profile of all runs. Used by one thread at a time.
 */
final class IntervalWriter {
  private final IntervalFiles files;
  private final Supplier<List<ModelProfile>> models;
  private final Supplier<AgentInfo> agent;
  private final InstantSource clock;
  private final AgentLog log;
  private Instant start;
  private long failuresShown;

  /** An interval whose file could not be written, to be written with the next one; or null. */
  private Profile unwritten;

  /**
   * @param models takes what models show since the last time; empty if nothing was run
   * @param agent tells the agent's state since its start
   */
  IntervalWriter(
      IntervalFiles files,
      Supplier<List<ModelProfile>> models,
      Supplier<AgentInfo> agent,
      InstantSource clock,
      AgentLog log) {
    this.files = files;
    this.models = models;
    this.agent = agent;
    this.clock = clock;
    this.log = log;
    start = clock.instant();
  }

  /**
   * Writes the interval that ends now; nothing if nothing was run in it.
   *
   * @throws io.sparsescope.profile.ProfileException if it cannot be written; what it held goes into
   *     the next file
   * @throws IOException if old files cannot be deleted
   */
  void write() throws IOException {
    Instant end = clock.instant();
    Profile interval = take();
    if (interval == null) {
      start = end;
      return;
    }
    unwritten = interval;
    Path file = files.write(interval, start);
    unwritten = null;
    start = end;
    log.debug("wrote " + file);
    files.deleteOldest();
  }

  private Profile take() {
    List<ModelProfile> taken = models.get();
    if (taken.isEmpty()) {
      return unwritten;
    }
    AgentInfo all = agent.get();
    AgentInfo added =
        new AgentInfo(
            all.version(),
            all.onnxruntime(),
            all.failures() - failuresShown,
            all.failureMessages(),
            all.note());
    failuresShown = all.failures();
    Profile interval = new Profile(added, taken);
    return unwritten == null ? interval : Profile.merge(List.of(unwritten, interval));
  }
}
