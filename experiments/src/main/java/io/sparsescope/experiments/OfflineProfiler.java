package io.sparsescope.experiments;

import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.AppliedThreshold;
import io.sparsescope.profile.AppliedTransform;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.Histogram;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapKind;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Skip;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.Transformation;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Takes a profile of a model over a data set: the agent's rewrite and counters, without a service.
 * A profile over the same inputs equals the agent's to the last count.
 */
public final class OfflineProfiler {
  /** What is tapped where the rules name no taps. */
  public static final String DEFAULT_TAP = "layer:*";

  private final ModelFile model;
  private final Rules rules;
  private final Options options;

  /** What else is found of activations than their zeros. */
  public enum Detail {
    NONE,
    /** Which channels are dead. */
    CHANNELS,
    /** Histograms of magnitudes. */
    HISTOGRAMS
  }

  /**
   * How to run.
   *
   * @param batch records in a run, at least 1; a model's fixed batch size goes before
   * @param limit records to run, rounded up to whole batches of a fixed size; empty for all, or
   *     {@link DataSource#DEFAULT_RECORDS} of data that never ends
   * @param allowUnmatched go on where a rule selects nothing
   * @param detail what else to find
   * @param biases count biases as weights
   */
  public record Options(
      int batch, OptionalLong limit, boolean allowUnmatched, Detail detail, boolean biases) {
    /** Without biases, and nothing else to find. */
    public Options(int batch, OptionalLong limit, boolean allowUnmatched) {
      this(batch, limit, allowUnmatched, Detail.NONE, false);
    }

    public Options {
      if (batch < 1) {
        throw new ExperimentException("--batch " + batch + ": give a number of at least 1");
      }
      if (limit.isPresent() && limit.getAsLong() < 1) {
        throw new ExperimentException(
            "--limit " + limit.getAsLong() + ": give a number of at least 1");
      }
    }
  }

  /**
   * @param model the model as it was exported; stays open
   * @param rules thresholds to be in force, and taps
   */
  public OfflineProfiler(ModelFile model, Rules rules, Options options) {
    this.model = model;
    this.options = options;
    this.rules = rules.taps().isEmpty() ? rules.offline().withTaps(List.of(DEFAULT_TAP)) : rules;
  }

  /**
   * Runs the data through the model.
   *
   * @param data the inputs, read to the end or to the limit; stays open
   * @return the profile; its note holds the data's notices
   * @throws ExperimentException if the model does not load or run, or the data is damaged
   * @throws io.sparsescope.rewriter.RewriteException if the rules do not fit the model
   */
  public Profile run(DataSource data, Progress progress) {
    Rewrite rewrite =
        new Rewriter(
                rules,
                options.allowUnmatched(),
                false,
                options.detail() == Detail.HISTOGRAMS ? CountMode.TENSORS : CountMode.FAST,
                options.detail() == Detail.CHANNELS)
            .plan(model);
    TapReadout readout = new TapReadout(rewrite.taps());
    ProfileRecorder recorder = recorder(rewrite, readout);
    String runtime;
    try (OrtModel ort = OrtModel.load(model, rewrite.edit())) {
      recorder.session();
      runtime = ort.runtimeVersion();
      runAll(ort, readout, recorder, data, progress);
    }
    AgentInfo agent =
        new AgentInfo(version(), runtime, 0, List.of(), String.join("; ", data.notices()));
    return new Profile(agent, List.of(recorder.snapshot()));
  }

  private ProfileRecorder recorder(Rewrite rewrite, TapReadout readout) {
    ModelInfo info =
        new ModelInfo(model.name(), model.sha256(), model.graph().name(), model.opset(""));
    ProfileRecorder recorder = new ProfileRecorder(info, readout.infos(), rewrite.blocks());
    recorder.thresholds(rewrite.thresholds().stream().map(OfflineProfiler::applied).toList());
    recorder.transforms(rewrite.transformations().stream().map(OfflineProfiler::applied).toList());
    WeightCounter.Result weights = WeightCounter.count(model, rewrite, options.biases());
    recorder.weights(Stream.concat(weights.weights().stream(), weights.biases().stream()).toList());
    List<SkippedTap> skipped = new ArrayList<>();
    rewrite.skipped().forEach(skip -> skipped.add(skipped(skip)));
    skipped.addAll(weights.skipped());
    recorder.skipped(skipped);
    return recorder;
  }

  private static AppliedThreshold applied(Threshold threshold) {
    return new AppliedThreshold(
        threshold.tensor(),
        kind(threshold.kind()),
        threshold.value(),
        threshold.orEqual() ? "le" : "lt");
  }

  private static AppliedTransform applied(Transformation transformation) {
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

  private void runAll(
      OrtModel ort,
      TapReadout readout,
      ProfileRecorder recorder,
      DataSource data,
      Progress progress) {
    long end = data.wanted(options.limit()).orElse(Long.MAX_VALUE);
    OptionalLong total = data.expected(options.limit());
    Set<String> outputs = new LinkedHashSet<>(readout.outputs());
    long done = 0;
    while (done < end) {
      Optional<Batch> next = data.next((int) Math.min(options.batch(), end - done));
      if (next.isEmpty()) {
        break;
      }
      Batch batch = next.get();
      String where = "record " + done;
      ort.run(
          batch.inputs(),
          outputs,
          where,
          values -> {
            recorder.run();
            Counts[] counts = readout.read(values::get);
            recorder.record(
                counts,
                readout.readChannels(values::get),
                options.detail() == Detail.HISTOGRAMS
                    ? readout.readHistograms(values::get, counts)
                    : new Histogram[counts.length]);
          });
      done += batch.count();
      progress.report(done, total);
    }
    if (done == 0) {
      throw new ExperimentException(
          model.name() + ": the data holds no records to run; choose other data");
    }
  }

  private static String version() {
    return Optional.ofNullable(OfflineProfiler.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
