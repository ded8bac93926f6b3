package io.sparsescope.agent.session;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.rewriter.Rewrite;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** An open session: what its model was given, and where its runs are recorded. */
final class Session {
  private final Taps taps;
  private final int sample;
  private final AtomicLong started = new AtomicLong();

  /** Null as long as runs are not recorded. */
  private volatile ProfileRecorder recorder;

  /** For each of the model's outputs whether the application may see it. */
  private volatile boolean[] visible;

  /**
   * @param taps the taps of the rewritten model; none if the session runs the original
   * @param sample every how many runs one is counted
   */
  Session(Taps taps, int sample) {
    this.taps = taps;
    this.sample = sample;
  }

  /** Records this session and its runs from now on. */
  void recordTo(ProfileRecorder target) {
    target.session();
    recorder = target;
  }

  /** Nothing is recorded any more. */
  void retire() {
    recorder = null;
  }

  /** Number of outputs that are ours. */
  int hidden() {
    return taps.hidden().size();
  }

  /** Whether it may be our doing that a run which asked for the taps has failed. */
  boolean mayHaveCaused(Throwable failure) {
    String message = failure.getMessage();
    return taps.hasUnknownTypes() || (message != null && message.contains(Rewrite.PREFIX));
  }

  /** The outputs of a run to be counted; null for a run that is not. */
  TapRequest request(String[] names, Object[] values, long[] handles) {
    if (taps.isEmpty() || recorder == null || started.getAndIncrement() % sample != 0) {
      return null;
    }
    return TapRequest.of(taps, names, values, handles);
  }

  /** A run has succeeded. */
  void ran() {
    ProfileRecorder target = recorder;
    if (target != null) {
      target.run();
    }
  }

  /** And this is what its taps hold. */
  void counted(Counts[] counts) {
    ProfileRecorder target = recorder;
    if (target != null) {
      target.record(counts);
    }
  }

  /** Without our names; remembers where they were. */
  String[] withoutOurs(String[] names) {
    Set<String> ours = new HashSet<>(taps.hidden());
    boolean[] mask = new boolean[names.length];
    for (int i = 0; i < names.length; i++) {
      mask[i] = !ours.contains(names[i]);
    }
    visible = mask;
    return select(names, mask);
  }

  /** Without what belongs to our outputs; {@code all} has an element for each output in order. */
  Object[] withoutOurs(Object[] all) {
    boolean[] mask = visible;
    return mask == null ? Arrays.copyOf(all, all.length - hidden()) : select(all, mask);
  }

  private static <T> T[] select(T[] all, boolean[] mask) {
    T[] selected = all.clone();
    int size = 0;
    for (int i = 0; i < all.length; i++) {
      if (mask[i]) {
        selected[size++] = all[i];
      }
    }
    return Arrays.copyOf(selected, size);
  }
}
