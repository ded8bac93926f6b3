package io.sparsescope.agent.runtime;

import io.sparsescope.agent.session.Journal;
import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The profile that the live one is compared with, read once on a thread of ours. Where it cannot be
 * read, or is not yet, there is no drift. Safe for use by many threads.
 */
final class Reference {
  private final Path file;
  private final Journal journal;
  private volatile Profile profile;

  /** Reads nothing yet. */
  Reference(Path file, Journal journal) {
    this.file = file;
    this.journal = journal;
  }

  /** Begins to read. */
  void begin() {
    Daemons.of("sparsescope-reference", this::read).start();
  }

  void read() {
    try {
      profile = Profile.read(file);
      journal.debug("read the reference " + file);
    } catch (ProfileException e) {
      journal.warn("no drift is shown: reference " + e.getMessage());
    } catch (Throwable t) {
      journal.failed("reading the reference " + file, t);
    }
  }

  Optional<Drift> drift(Profile live) {
    Profile read = profile;
    return read == null ? Optional.empty() : Optional.of(Drift.between(read, live));
  }
}
