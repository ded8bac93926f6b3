package io.sparsescope.agent.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The application's open sessions by native handle. Looking one up takes no lock and allocates
 * nothing; it is part of every run.
 */
final class SessionTable {
  private static final int CHAINS = 1024;

  private final AtomicReferenceArray<Entry> chains = new AtomicReferenceArray<>(CHAINS);

  /** Null if there is none. */
  Session get(long handle) {
    for (Entry entry = chains.get(chain(handle)); entry != null; entry = entry.next) {
      if (entry.handle == handle) {
        return entry.session;
      }
    }
    return null;
  }

  void put(long handle, Session session) {
    int chain = chain(handle);
    synchronized (chains) {
      chains.set(chain, new Entry(handle, session, without(chains.get(chain), handle)));
    }
  }

  /** Returns what was there, or null. */
  Session remove(long handle) {
    int chain = chain(handle);
    synchronized (chains) {
      Session found = get(handle);
      if (found != null) {
        chains.set(chain, without(chains.get(chain), handle));
      }
      return found;
    }
  }

  /** Forgets the session, unless another has its handle by now. */
  void remove(Session session) {
    synchronized (chains) {
      if (get(session.handle()) == session) {
        remove(session.handle());
      }
    }
  }

  /** All of them, as of now. */
  List<Session> all() {
    List<Session> all = new ArrayList<>();
    for (int i = 0; i < CHAINS; i++) {
      for (Entry entry = chains.get(i); entry != null; entry = entry.next) {
        all.add(entry.session);
      }
    }
    return all;
  }

  private static Entry without(Entry entry, long handle) {
    if (entry == null) {
      return null;
    }
    Entry rest = without(entry.next, handle);
    return entry.handle == handle ? rest : new Entry(entry.handle, entry.session, rest);
  }

  /** Handles are addresses: their lowest bits are always the same. */
  private static int chain(long handle) {
    long mixed = handle * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 54) & (CHAINS - 1);
  }

  private record Entry(long handle, Session session, Entry next) {}
}
