package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativeSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open sessions that the agent has created, by native handle. Outlives a stop of the agent:
 * ONNX Runtime's classes can be given back only once none of them has anything of ours, be it that
 * {@link Release} has taken it away or that the session is closed. Safe for use by many threads.
 */
public final class OpenSessions {
  private final SessionTable byHandle = new SessionTable();

  /** How many outputs of ours the application must not see, behind its own; by native handle. */
  final Map<Long, Integer> hidden = new ConcurrentHashMap<>();

  /** Guards what follows. */
  private final Object lock = new Object();

  private int creating;

  /** Called once nothing is hidden any more; null as long as nobody waits for it. */
  private Runnable whenUnused;

  /** Sessions of ours whose application's sessions were never created. */
  private final Abandoned abandoned = new Abandoned();

  private final NativeWork work = new NativeWork();

  /** Held where it is decided which native session an application's object stands for. */
  private final Object exchange = new Object();

  /** Whether an application's object may stand for another native session than it once did. */
  private volatile boolean exchanged;

  Session get(long handle) {
    return byHandle.get(handle);
  }

  void put(long handle, Session session) {
    int ours = session.hidden();
    byHandle.put(handle, session);
    if (ours > 0) {
      hidden.put(handle, ours);
    } else {
      hidden.remove(handle);
    }
  }

  /**
   * A call about the application's session begins. Unless it is none of ours the session is not
   * closed by us before the caller leaves it, if it is ours.
   *
   * @param self the {@code OrtSession}
   * @param handle the native session that the call is about; another may stand in its place by now
   * @return what is known of the session that does; null if nothing
   */
  Session enter(Object self, long handle) {
    long current = handle;
    while (true) {
      Session known = byHandle.get(current);
      boolean ours = known != null && known.ours;
      boolean entered = ours && known.usage.enter();
      boolean stays = false;
      try {
        // Asked only now: had it been exchanged and closed before, another might have its address.
        long now = current(self, current);
        stays = now == current && entered == ours;
        if (stays) {
          return known;
        }
        current = now;
      } finally {
        if (entered && !stays) {
          known.usage.users.decrementAndGet();
        }
      }
    }
  }

  /**
   * The native session that an {@code OrtSession} stands for now, which once was {@code handle}.
   */
  long current(Object self, long handle) {
    return exchanged ? NativeSession.handle(self) : handle;
  }

  /**
   * Lets the application's object stand for another native session; false if the application has
   * closed the one it stands for.
   */
  boolean exchange(Session session, Object self, long plain) {
    synchronized (exchange) {
      if (byHandle.get(session.handle()) != session) {
        return false;
      }
      exchanged = true;
      NativeSession.exchange(self, plain);
      return true;
    }
  }

  /**
   * The application closes a session.
   *
   * @param handle the native session that it wants closed; {@link #current} tells which to close
   * @return what was known of it, or null
   */
  Session take(Object self, long handle) {
    Session taken;
    synchronized (exchange) {
      long current = current(self, handle);
      hidden.remove(current);
      taken = byHandle.remove(current);
    }
    if (taken != null) {
      tellIfUnused();
    }
    return taken;
  }

  /** The session has nothing of ours any more. */
  void forget(Session session) {
    synchronized (exchange) {
      if (byHandle.get(session.handle()) == session) {
        hidden.remove(session.handle());
        byHandle.remove(session);
      }
    }
    tellIfUnused();
  }

  /** Sessions of an agent that was stopped which have something of ours. */
  List<Session> retired() {
    return byHandle.all().stream().filter(Session::isRetired).filter(Session::needsUs).toList();
  }

  /** Waits until no session is being created, for so long at most. */
  void awaitCreated(Duration limit) {
    long begun = System.nanoTime();
    boolean interrupted = false;
    synchronized (lock) {
      while (creating > 0) {
        long left = limit.toMillis() - (System.nanoTime() - begun) / 1_000_000;
        if (left <= 0) {
          break;
        }
        try {
          lock.wait(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether some session is being created. */
  boolean isCreating() {
    synchronized (lock) {
      return creating > 0;
    }
  }

  /** Lets native sessions be created and closed apart from the application's calls. */
  NativeWork work() {
    return work;
  }

  /** Sessions that nobody will ever use. */
  Abandoned abandoned() {
    return abandoned;
  }

  /** Sessions that are known, those of models that run as they are included. */
  public int count() {
    return byHandle.all().size();
  }

  /** Sessions whose models have outputs of ours, or that have a session of ours beside them. */
  public int hiding() {
    return (int) byHandle.all().stream().filter(Session::needsUs).count();
  }

  /** Why some of them stay as they are until they are closed, each reason once. */
  public List<String> reasons() {
    return retired().stream().map(Session::held).filter(r -> !r.isEmpty()).distinct().toList();
  }

  /** A session is about to be created: until {@link #created} nobody knows what it will hide. */
  void creating() {
    synchronized (lock) {
      creating++;
    }
  }

  /** It was created and registered, or could not be. */
  void created() {
    synchronized (lock) {
      creating--;
      lock.notifyAll();
    }
    tellIfUnused();
  }

  /** Records none of the sessions any more, and forgets those that have nothing to hide. */
  void retire() {
    byHandle.all().forEach(this::retire);
  }

  /** Records this session no more, and forgets it if it has nothing to hide. */
  void retire(Session session) {
    session.retire();
    if (!session.needsUs()) {
      byHandle.remove(session);
    }
  }

  /**
   * Has {@code work} done by the thread that closes the last session with something to hide.
   * Replaces what was asked for before; null for nothing.
   *
   * @return true if there is no such session: {@code work} is not done
   */
  public boolean whenUnused(Runnable work) {
    synchronized (lock) {
      whenUnused = null;
      if (creating == 0 && hiding() == 0) {
        return true;
      }
      whenUnused = work;
      return false;
    }
  }

  private void tellIfUnused() {
    Runnable work;
    synchronized (lock) {
      if (whenUnused == null || creating > 0 || hiding() > 0) {
        return;
      }
      work = whenUnused;
      whenUnused = null;
    }
    work.run();
  }
}
