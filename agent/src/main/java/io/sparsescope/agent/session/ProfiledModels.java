package io.sparsescope.agent.session;

import io.sparsescope.profile.AppliedThreshold;
import io.sparsescope.profile.AppliedTransform;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.SampleListener;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import io.sparsescope.rewriter.Skip;
import io.sparsescope.rewriter.Tap;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.Transformation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The recorders of all models seen: one for each model, told by its bytes, however many sessions
 * run it. Keeps a bounded number.
 */
public final class ProfiledModels {
  /** Further models are run as they are. */
  static final int MAX_MODELS = 1000;

  private final Map<String, ProfileRecorder> recorders = new LinkedHashMap<>();
  private final SampleListener listener;

  public ProfiledModels() {
    this(SampleListener.NONE);
  }

  /**
   * @param listener hears of every sampled run
   */
  public ProfiledModels(SampleListener listener) {
    this.listener = listener;
  }

  /** What all models show up to now, in the order they were first loaded. */
  public List<ModelProfile> snapshot() {
    return all().stream().map(ProfileRecorder::snapshot).toList();
  }

  /**
   * What models show since the last time, those of which there is nothing new left out; a new
   * interval begins. Empty, and the interval goes on, if nothing was run.
   */
  public List<ModelProfile> takeInterval() {
    List<ProfileRecorder> all = all();
    if (all.stream().allMatch(recorder -> recorder.intervalRuns() == 0)) {
      return List.of();
    }
    return all.stream()
        .map(ProfileRecorder::takeInterval)
        .filter(model -> model.runs() > 0 || model.sessions() > 0 || model.cost().drops() > 0)
        .toList();
  }

  /** All models begin anew; sessions stay known. */
  public void reset() {
    all().forEach(ProfileRecorder::reset);
  }

  private List<ProfileRecorder> all() {
    synchronized (recorders) {
      return new ArrayList<>(recorders.values());
    }
  }

  /** Whether no further model can be kept. */
  boolean isFull() {
    synchronized (recorders) {
      return recorders.size() >= MAX_MODELS;
    }
  }

  /** The recorder of a model that a session was created with. */
  ProfileRecorder recorder(PreparedModel model) {
    return recorder(model, "");
  }

  /**
   * @param arm which arm of a live experiment runs the model, "" where there is none
   */
  ProfileRecorder recorder(PreparedModel model, String arm) {
    // A model may be rewritten in one session and run as it is in another.
    String key =
        model.isRewritten()
            ? model.info().sha256() + arm
            : model.info().sha256() + " " + model.info().name() + " " + model.reason();
    synchronized (recorders) {
      ProfileRecorder recorder = recorders.get(key);
      if (recorder == null) {
        recorder = model.isRewritten() ? forTaps(model, arm) : forReason(model);
        recorder.listener(listener);
        if (recorders.size() < MAX_MODELS) {
          recorders.put(key, recorder);
        }
      }
      return recorder;
    }
  }

  /**
   * The recorder of a model whose session is older than the agent: nobody has seen its bytes.
   *
   * @param skipped what is not counted, and why
   */
  ProfileRecorder observed(ModelInfo model, List<TapInfo> taps, List<SkippedTap> skipped) {
    String key = "observed " + model.name() + " " + taps;
    synchronized (recorders) {
      ProfileRecorder recorder = recorders.get(key);
      if (recorder == null) {
        recorder = new ProfileRecorder(model, taps, Map.of());
        recorder.skipped(skipped);
        recorder.listener(listener);
        if (recorders.size() < MAX_MODELS) {
          recorders.put(key, recorder);
        }
      }
      return recorder;
    }
  }

  /** Has the profile say something about how the model is counted; once, however often told. */
  void note(ProfileRecorder recorder, String text) {
    SkippedTap note = new SkippedTap("", "", text);
    synchronized (recorders) {
      List<SkippedTap> known = recorder.snapshot().skipped();
      if (!known.contains(note)) {
        List<SkippedTap> more = new ArrayList<>(known);
        more.add(note);
        recorder.skipped(more);
      }
    }
  }

  private static ProfileRecorder forTaps(PreparedModel model, String arm) {
    ProfileRecorder recorder =
        new ProfileRecorder(
            model.info(),
            arm,
            model.taps().taps().stream().map(ProfiledModels::info).toList(),
            model.rewrite().blocks());
    recorder.skipped(model.rewrite().skipped().stream().map(ProfiledModels::skipped).toList());
    recorder.thresholds(
        model.rewrite().thresholds().stream().map(ProfiledModels::threshold).toList());
    recorder.transforms(
        model.rewrite().transformations().stream().map(ProfiledModels::transform).toList());
    return recorder;
  }

  private static ProfileRecorder forReason(PreparedModel model) {
    ProfileRecorder recorder = new ProfileRecorder(model.info(), List.of(), Map.of());
    recorder.skipped(List.of(new SkippedTap("", "", "not instrumented: " + model.reason())));
    return recorder;
  }

  private static TapInfo info(Tap tap) {
    return new TapInfo(
        tap.node(),
        tap.op(),
        tap.tensor(),
        tap.layer(),
        tap.block(),
        TapKind.ACTIVATION,
        tap.type().label());
  }

  private static AppliedThreshold threshold(Threshold threshold) {
    return new AppliedThreshold(
        threshold.tensor(),
        kind(threshold.kind()),
        threshold.value(),
        threshold.orEqual() ? "le" : "lt");
  }

  private static AppliedTransform transform(Transformation transformation) {
    return new AppliedTransform(
        transformation.tensor(), kind(transformation.kind()), transformation.transform());
  }

  /** A tensor inside a layer is an activation to profiles. */
  private static TapKind kind(String kind) {
    return kind.equals("weight") ? TapKind.WEIGHT : TapKind.ACTIVATION;
  }

  private static SkippedTap skipped(Skip skip) {
    return new SkippedTap(skip.node(), skip.tensor(), skip.reason());
  }
}
