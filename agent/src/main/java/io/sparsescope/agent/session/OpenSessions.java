package io.sparsescope.agent.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open sessions that the agent has created, by native handle. Outlives a stop of the agent:
 * sessions of rewritten models go on having outputs that the application must not see, so ONNX
 * Runtime's classes can be given back only once the last of them is closed. Safe for use by many
 * threads.
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

  /** Returns what was there, or null. */
  Session remove(long handle) {
    Session removed = byHandle.remove(handle);
    if (removed != null) {
      tellIfUnused();
    }
    return removed;
  }

  /** Sessions that are known, those of models that run as they are included. */
  public int count() {
    return byHandle.all().size();
  }

  /** Sessions whose models have outputs of ours, or that have a session of ours beside them. */
  public int hiding() {
    return (int) byHandle.all().stream().filter(Session::needsUs).count();
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
