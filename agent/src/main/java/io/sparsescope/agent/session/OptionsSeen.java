package io.sparsescope.agent.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the application's open options ask for, as far as it matters to us. */
final class OptionsSeen {
  private final Set<Long> saving = ConcurrentHashMap.newKeySet();
  private final Set<Long> profiling = ConcurrentHashMap.newKeySet();
  private final Set<Long> providing = ConcurrentHashMap.newKeySet();

  /** Run options, the others being session options. */
  private final Set<Long> adapting = ConcurrentHashMap.newKeySet();

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
    saving.remove(options);
    profiling.remove(options);
    providing.remove(options);
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

  private static void set(Set<Long> set, long options, boolean contained) {
    if (contained) {
      set.add(options);
    } else {
      set.remove(options);
    }
  }
}
