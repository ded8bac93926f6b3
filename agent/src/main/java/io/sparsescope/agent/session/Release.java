package io.sparsescope.agent.session;

import io.sparsescope.agent.threads.Daemons;
import java.time.Duration;

/**
 * Takes away from open sessions what an agent that was stopped has given them: closes the sessions
 * of ours beside the application's, and gives an {@code OrtSession} whose native session is of a
 * rewritten model one of the original instead. Runs under way end in the session they began in,
 * which is closed afterwards. What cannot be done stays until the application closes its session.
 */
public final class Release {
  /** How long to wait between two looks at what is still in use. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final OpenSessions sessions;
  private final NativeClosing closing;
  private final Journal journal;

  /** What has become of a session. */
  private enum Outcome {
    /** Nothing of ours is left. */
    DONE,
    /** Something is in use, or not known yet: to be tried again. */
    BUSY,
    /** It stays as it is until it is closed. */
    HELD
  }

  Release(OpenSessions sessions, NativeClosing closing, Journal journal) {
    this.sessions = sessions;
    this.closing = closing;
    this.journal = journal;
  }

  /**
   * Does what can be done within {@code limit}; a thread goes on with what was in use.
   *
   * @return whether all was done that can be
   */
  boolean begin(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    sessions.awaitCreated(limit);
    boolean done = work(deadline) && !sessions.isCreating();
    if (!done) {
      Daemons.of("sparsescope-release", this::goOn).start();
    }
    return done;
  }

  private void goOn() {
    while (!sessions.work().isEnded()) {
      if (work(System.nanoTime()) && !sessions.isCreating()) {
        return;
      }
      try {
        Thread.sleep(PAUSE.toMillis());
      } catch (InterruptedException e) {
        // Whoever wants all threads gone need not wait for this one: it is a daemon.
      }
    }
  }

  /** Whether nothing is left to be tried again. */
  private boolean work(long deadline) {
    boolean done = true;
    closeAbandoned();
    for (Session session : sessions.retired()) {
      if (session.held().isEmpty()) {
        done &= release(session, deadline) != Outcome.BUSY;
      }
    }
    return done;
  }

  private Outcome release(Session session, long deadline) {
    try {
      if (!closeBeside(session, deadline)) {
        return Outcome.BUSY;
      }
      Outcome outcome = session.ours ? exchange(session, deadline) : Outcome.DONE;
      if (outcome == Outcome.DONE) {
        sessions.forget(session);
      }
      return outcome;
    } catch (Original.UnkeptException e) {
      session.hold(e.getMessage());
    } catch (Throwable t) {
      session.hold("taking back what is ours has failed");
      journal.failed("taking back what a session has of ours", t);
    }
    closeOriginal(session);
    return Outcome.HELD;
  }

  /** Closes the sessions of ours beside the application's; false while they are in use. */
  private boolean closeBeside(Session session, long deadline) throws ReflectiveOperationException {
    Session thresholded = session.thresholded();
    if (thresholded != null && !isUnused(thresholded, deadline)) {
      return false;
    }
    if (session.second() != 0 && !isUnused(session, deadline)) {
      return false;
    }
    boolean any = thresholded != null || session.second() != 0;
    if (any && session.claim()) {
      if (session.second() != 0) {
        close(session, session.second());
      }
      if (thresholded != null) {
        close(session, thresholded.handle());
      }
    }
    return true;
  }

  private Outcome exchange(Session session, long deadline)
      throws Original.UnkeptException, ReflectiveOperationException {
    if (session.isLost()) {
      // Nobody can see what it has of ours.
      closeOriginal(session);
      return Outcome.DONE;
    }
    Object object = session.object();
    Original original = session.original();
    if (original == null || object == null || !session.isBuilt()) {
      return Outcome.BUSY;
    }
    if (!session.isExchanged()) {
      long plain = create(original);
      if (plain == 0) {
        // The application has closed its session, or the JVM ends.
        return Outcome.BUSY;
      }
      if (!sessions.exchange(session, object, plain)) {
        close(session, plain);
        return Outcome.DONE;
      }
      session.wasExchanged();
      closeOriginal(session);
    }
    if (!isUnused(session, deadline)) {
      return Outcome.BUSY;
    }
    close(session, session.handle());
    return Outcome.DONE;
  }

  private static void closeOriginal(Session session) {
    Original original = session.original();
    if (original != null) {
      original.close();
    }
  }

  private static boolean isUnused(Session session, long deadline) {
    return session.usage.awaitUnused(Duration.ofNanos(deadline - System.nanoTime()));
  }

  private long create(Original original) throws Original.UnkeptException {
    if (!sessions.work().begin()) {
      return 0;
    }
    try {
      return original.create();
    } finally {
      sessions.work().done();
    }
  }

  private void close(Session session, long handle) throws ReflectiveOperationException {
    if (!close(session.object(), session.api(), handle)) {
      // Somebody may come who can.
      sessions.abandoned().add(session.api(), handle);
    }
  }

  /** Those that no session of the application's was created beside, or that nobody could close. */
  private void closeAbandoned() {
    for (long api : sessions.abandoned().runtimes()) {
      for (long handle : sessions.abandoned().take(api)) {
        try {
          if (!close(null, api, handle)) {
            sessions.abandoned().add(api, handle);
          }
        } catch (Throwable t) {
          journal.failed("closing a session of ours", t);
        }
      }
    }
  }

  /** Whether it is closed, or need not be any more. */
  private boolean close(Object object, long api, long handle) throws ReflectiveOperationException {
    if (!sessions.work().begin()) {
      return true;
    }
    try {
      return closing.close(object, api, handle);
    } finally {
      sessions.work().done();
    }
  }
}
