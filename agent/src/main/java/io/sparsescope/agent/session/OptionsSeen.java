package io.sparsescope.agent.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the application's open session options ask for, as far as it matters to us. */
final class OptionsSeen {
  private final Set<Long> saving = ConcurrentHashMap.newKeySet();
  private final Set<Long> profiling = ConcurrentHashMap.newKeySet();

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
