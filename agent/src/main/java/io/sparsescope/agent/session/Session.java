package io.sparsescope.agent.session;

import io.sparsescope.agent.sampling.Measure;
import io.sparsescope.agent.sampling.SessionSampler;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.rewriter.Rewrite;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open session of the application's: what of it is hidden, what counts its runs, and where they
 * are recorded.
 */
final class Session {
  private final long api;
  private final long handle;
  private final long second;
  private final Taps taps;
  private final Measure measure;
  private final SessionSampler sampler;

  /** Whether the application's native session is one of ours, made of a rewritten model. */
  final boolean ours;

  /**
   * Who uses the native session of ours: the one beside the application's, or, if there is none,
   * the application's.
   */
  final Usage usage = new Usage();

  /** Our own native session of the model with thresholds, null if there is none. */
  private volatile Session thresholded;

  /** What has thresholds tried; null if none are, or not any more. */
  private volatile LiveArm live;

  /** Null as long as runs are not recorded. */
  private volatile ProfileRecorder recorder;

  /** What counts its runs; null if nothing does. */
  private volatile Arm counted;

  private volatile boolean retired;
  private volatile Original original;
  private volatile String held = "";
  private volatile WeakReference<Object> object;
  private volatile boolean built;
  private volatile boolean exchanged;
  private final AtomicBoolean claimed = new AtomicBoolean();

  /**
   * @param api ONNX Runtime's functions
   * @param handle the application's native session
   * @param second our own native session of the rewritten model, 0 if there is none
   * @param taps the taps of the rewritten model; none if no session runs it
   * @param sampler which runs are counted
   */
  Session(long api, long handle, long second, Taps taps, Measure measure, SessionSampler sampler) {
    this.api = api;
    this.handle = handle;
    this.second = second;
    this.taps = taps;
    this.measure = measure;
    this.sampler = sampler;
    this.ours = hidden() > 0;
  }

  /** Records this session and its runs from now on. */
  void recordTo(ProfileRecorder target) {
    target.session();
    recorder = target;
    if (!taps.isEmpty()) {
      counted = new Arm(second == 0 ? handle : second, taps, target);
    }
  }

  /** Nothing is recorded any more, and no thresholds are tried. */
  void retire() {
    retired = true;
    counted = null;
    recorder = null;
    LiveArm arm = live;
    live = null;
    if (arm != null) {
      arm.session().retire();
    }
  }

  /** None of its runs is counted or answered by a session of ours from now on. */
  void leaveAlone() {
    counted = null;
    live = null;
  }

  /** Whether the agent that has created it was stopped. */
  boolean isRetired() {
    return retired;
  }

  /** Whether something of ours goes with it until it is closed. */
  boolean needsUs() {
    return second != 0 || thresholded != null || hidden() > 0;
  }

  /** Some runs are answered by the model with thresholds, or compared, from now on. */
  void tries(LiveArm arm) {
    live = arm;
  }

  /** Has another one of ours beside it, until it is closed; null for none. */
  void beside(Session session) {
    thresholded = session;
  }

  /** Our own native session with thresholds, null if there is none. */
  Session thresholded() {
    return thresholded;
  }

  /** What has thresholds tried; null if none are, or not any more. */
  LiveArm live() {
    return live;
  }

  /** The application's native session. */
  long handle() {
    return handle;
  }

  /** Our own native session, 0 if there is none. */
  long second() {
    return second;
  }

  /** Null as long as runs are not recorded. */
  ProfileRecorder recorder() {
    return recorder;
  }

  /** What counts its runs; null if nothing does. */
  Arm counted() {
    return counted;
  }

  SessionSampler sampler() {
    return sampler;
  }

  /** Whether runs are counted apart from those that the application asks for. */
  boolean isShadowed() {
    return measure == Measure.APART;
  }

  /** Whether it matters how large the inputs of a run are. */
  boolean compares() {
    return measure != Measure.OWN_WORK;
  }

  /** Number of outputs of the application's native session that are ours, which are its last. */
  int hidden() {
    return second == 0 ? taps.hidden().size() : 0;
  }

  /**
   * Whether a counted run that failed is to be repeated as the application asked for it. A session
   * of our own is no part of what the application knows, so every failure is its own only if its
   * own session fails, too.
   */
  boolean mayHaveCaused(Throwable failure) {
    String message = failure.getMessage();
    return second != 0
        || taps.hasUnknownTypes()
        || (message != null && message.contains(Rewrite.PREFIX));
  }

  /** ONNX Runtime's functions. */
  long api() {
    return api;
  }

  /**
   * Notes what the application's session would have been created from; null if it is not kept.
   *
   * @param reason why not, "" if it is
   */
  void standsFor(Original model, String reason) {
    original = model;
    held = reason;
  }

  /** What the application's session would have been created from, or null. */
  Original original() {
    return original;
  }

  /** From now on it is known that the session stays as it is until it is closed. */
  void hold(String reason) {
    held = reason;
  }

  /** Why the session stays as it is until it is closed, "" if it need not. */
  String held() {
    return held;
  }

  /** An {@code OrtSession} is being made of it. */
  void belongsTo(Object session) {
    object = new WeakReference<>(session);
  }

  /** The {@code OrtSession} is as good as made: it asks for nothing more. */
  void built() {
    built = true;
  }

  boolean isBuilt() {
    return built;
  }

  /** The application's {@code OrtSession}, null if it is not known yet, or not used any more. */
  Object object() {
    WeakReference<Object> known = object;
    return known == null ? null : known.get();
  }

  /** Whether the application has let go of its {@code OrtSession} without closing it. */
  boolean isLost() {
    WeakReference<Object> known = object;
    return known != null && known.get() == null;
  }

  /** The {@code OrtSession} stands for another native session now. */
  void wasExchanged() {
    exchanged = true;
  }

  boolean isExchanged() {
    return exchanged;
  }

  /** True for the one who is to close what is beside the application's session. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }
}
