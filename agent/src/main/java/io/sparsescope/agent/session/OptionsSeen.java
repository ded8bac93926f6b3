package io.sparsescope.agent.session;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the application's open options ask for, as far as it matters to us. */
final class OptionsSeen {
  private final Set<Long> saving = ConcurrentHashMap.newKeySet();
  private final Set<Long> profiling = ConcurrentHashMap.newKeySet();
  private final Set<Long> providing = ConcurrentHashMap.newKeySet();

  private final Set<Long> initializing = ConcurrentHashMap.newKeySet();

  /** Run options, the others being session options. */
  private final Set<Long> adapting = ConcurrentHashMap.newKeySet();

  /** Session options that were created before our eyes, by native handle. */
  private final Map<Long, Seen> created = new ConcurrentHashMap<>();

  /** Of those, the ones that nobody can use or close any more. */
  private final ReferenceQueue<Object> lost = new ReferenceQueue<>();

  private volatile boolean someAreOlder;

  /** There may be session options of which was not seen what they ask for. */
  void someAreOlder() {
    someAreOlder = true;
  }

  /** Whether there may be such. */
  boolean maySomeBeOlder() {
    return someAreOlder;
  }

  /**
   * Session options were created.
   *
   * @param options the application's object; applications need not close it
   */
  void created(Object options, long handle) {
    if (!someAreOlder) {
      return;
    }
    for (Reference<?> gone = lost.poll(); gone != null; gone = lost.poll()) {
      created.remove(((Seen) gone).handle, gone);
    }
    created.put(handle, new Seen(options, handle, lost));
  }

  /**
   * Whether it is unknown what session options ask for. The answer may become true for options that
   * the application has dropped: ask once.
   */
  boolean areOlder(long options) {
    return someAreOlder && !created.containsKey(options);
  }

  /** Whether sessions save the optimized model. */
  void saves(long options, boolean saves) {
    set(saving, options, saves);
  }

  /** Whether sessions write ONNX Runtime's own profile. */
  void profiles(long options, boolean profiles) {
    set(profiling, options, profiles);
  }

  /** The handle may soon be that of other options. */
  void closed(long options) {
    created.remove(options);
    saving.remove(options);
    profiling.remove(options);
    providing.remove(options);
    initializing.remove(options);
  }

  /** Sessions take weights from the application's memory. */
  void initialize(long options) {
    initializing.add(options);
  }

  boolean initializes(long options) {
    return initializing.contains(options);
  }

  /** Sessions get other execution providers than the CPU's. */
  void provide(long options) {
    providing.add(options);
  }

  boolean provides(long options) {
    return providing.contains(options);
  }

  /** Whether runs change what the model computes. */
  void adapts(long runOptions, boolean adapts) {
    set(adapting, runOptions, adapts);
  }

  boolean adapts(long runOptions) {
    return runOptions != 0 && !adapting.isEmpty() && adapting.contains(runOptions);
  }

  boolean saves(long options) {
    return saving.contains(options);
  }

  boolean profiles(long options) {
    return profiling.contains(options);
  }

  /** Session options that were created before our eyes. */
  private static final class Seen extends WeakReference<Object> {
    private final long handle;

    Seen(Object options, long handle, ReferenceQueue<Object> lost) {
      super(options, lost);
      this.handle = handle;
    }
  }

  private static void set(Set<Long> set, long options, boolean contained) {
    if (contained) {
      set.add(options);
    } else {
      set.remove(options);
    }
  }
}
