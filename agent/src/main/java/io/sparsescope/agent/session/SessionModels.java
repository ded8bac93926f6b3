package io.sparsescope.agent.session;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Live;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Decides for each model an application loads whether it is rewritten, and plans the rewrite. */
final class SessionModels {
  static final String UNNAMED = "model in memory";

  private final ModelMatcher matcher;
  private final Rewriter rewriter;
  private final Rewriter nativeRewriter;
  private final Predicate<ModelFile> plansNative;
  private final KnownDigests digests;
  private final KnownModels known = new KnownModels();

  /** Null if no thresholds are tried. */
  private final Rewriter thresholds;

  private final Optional<Live> live;
  private final Detail detail;

  /**
   * @param models glob on file name or graph name
   * @param rules what to tap, and blocks; and thresholds, where they say live
   * @param plansNative tells whether a model may be rewritten with native operators
   */
  SessionModels(String models, Rules rules, Predicate<ModelFile> plansNative) {
    this(models, rules, plansNative, Detail.NONE);
  }

  /**
   * @param detail what else to count; {@code plansNative} must refuse all models if anything
   */
  SessionModels(String models, Rules rules, Predicate<ModelFile> plansNative, Detail detail) {
    this(models, rules, plansNative, detail, new KnownDigests());
  }

  /**
   * @param digests says also which files would be seen to change
   */
  SessionModels(
      String models,
      Rules rules,
      Predicate<ModelFile> plansNative,
      Detail detail,
      KnownDigests digests) {
    this.digests = digests;
    this.detail = detail;
    matcher = new ModelMatcher(models);
    live = rules.live();
    // Other models of the application need not have what the patterns name; and what the
    // application reads from its session, its model's metadata too, must stay as it was.
    Rules taps = rules.tapsOnly();
    CountMode mode = detail == Detail.HISTOGRAMS ? CountMode.TENSORS : CountMode.FAST;
    boolean channels = detail == Detail.CHANNELS;
    rewriter = new Rewriter(taps, true, false, mode, channels);
    thresholds = live.isEmpty() ? null : new Rewriter(rules, true, false, mode, channels);
    nativeRewriter = new Rewriter(taps, true, false, CountMode.NATIVE);
    this.plansNative = plansNative;
  }

  /** Which models are asked for. */
  ModelMatcher matcher() {
    return matcher;
  }

  /** What else is counted. */
  Detail detail() {
    return detail;
  }

  /** How thresholds are tried, empty if they are not. */
  Optional<Live> live() {
    return live;
  }

  /** Taps, and what the rule file holds that the options name. */
  static Rules rules(AgentOptions options) {
    Rules file = options.rules().map(Rules::read).orElse(Rules.NONE);
    List<String> taps = options.tap();
    if (taps.isEmpty()) {
      taps = file.taps().isEmpty() ? List.of(AgentOptions.DEFAULT_TAP) : file.taps();
    }
    if (file.live().isPresent() && !file.hasTransforms()) {
      throw new RewriteException(
          options.rules().orElseThrow()
              + ": live has no thresholds to try: give weights, activations or intrinsic, or take live"
              + " out");
    }
    return file.withTaps(taps);
  }

  /**
   * @param keep why the model must be run as it is, "" if nothing forbids to rewrite it
   * @return null if the options do not ask for this model
   */
  PreparedModel file(String path, String keep) {
    Path file = Path.of(path);
    Path last = file.getFileName();
    String name = last == null ? path : last.toString();
    Optional<FileStamp> stamp = FileStamp.of(file);
    Origin origin =
        stamp.filter(digests::isSettled).map(settled -> new Origin(file, settled)).orElse(null);
    if (keep.isEmpty() && origin != null) {
      PreparedModel before = known(name, origin);
      if (before != null) {
        return before;
      }
    }
    PreparedModel prepared =
        prepare(
            name,
            () -> ModelFile.open(file),
            (title, model) -> ModelIdentity.of(title, model, stamp, digests),
            keep);
    return prepared == null ? null : prepared.from(origin).telling(this::remember);
  }

  /** Null if nothing is known of the model, or not enough. */
  private PreparedModel known(String name, Origin origin) {
    KnownModel model = known.get(origin.stamp());
    if (model == null || !matcher.matches(name, model.graph())) {
      return null;
    }
    Function<ModelFile, Rewrite> plan = (model.isNative() ? nativeRewriter : rewriter)::plan;
    PreparedModel prepared = PreparedModel.known(name, origin, model, plan).telling(this::remember);
    return model.isNative() ? prepared.orStandard(rewriter::plan) : prepared;
  }

  /** There is a session of the model: the next one may be had cheaper. */
  private void remember(PreparedModel model) {
    Origin origin = model.origin().orElse(null);
    if (origin == null || thresholds != null) {
      return;
    }
    KnownModel before = known.get(origin.stamp());
    // A digest is known only of a file that has not changed since.
    if ((before != null && before.isNative() == model.isNative())
        || digests.get(origin.stamp()) == null
        || model.appendix().isEmpty()) {
      return;
    }
    ModelInfo info = model.info();
    Rewrite rewrite = model.rewrite();
    known.put(
        origin.stamp(),
        new KnownModel(
            info.sha256(),
            info.graph(),
            info.opset(),
            new Rewrite(
                null,
                rewrite.taps(),
                rewrite.thresholds(),
                rewrite.transformations(),
                rewrite.dense(),
                rewrite.skipped(),
                rewrite.blocks(),
                rewrite.blockedLayout()),
            model.taps(),
            model.appendix().orElseThrow(),
            model.isNative()));
  }

  PreparedModel bytes(byte[] model, String keep) {
    return prepare(null, () -> ModelFile.of(UNNAMED, model), ModelIdentity::of, keep);
  }

  /** The buffer's remaining bytes; its position and limit may be ours to change, its bytes not. */
  PreparedModel buffer(ByteBuffer model, String keep) {
    return prepare(null, () -> ModelFile.of(UNNAMED, model), ModelIdentity::of, keep);
  }

  private PreparedModel prepare(
      String fileName,
      Supplier<ModelFile> source,
      BiFunction<String, ModelFile, ModelIdentity> identify,
      String keep) {
    ModelFile model;
    try {
      model = source.get();
    } catch (OnnxException e) {
      String name = fileName == null ? UNNAMED : fileName;
      return matcher.matchesName(name)
          ? PreparedModel.untouched(
              ModelIdentity.of(new ModelInfo(name, "", "", 0)), null, e.getMessage())
          : null;
    }
    try {
      return prepare(fileName, model, identify, keep);
    } catch (Throwable t) {
      model.close();
      throw t;
    }
  }

  private PreparedModel prepare(
      String fileName,
      ModelFile model,
      BiFunction<String, ModelFile, ModelIdentity> identify,
      String keep) {
    String graph = model.graph().name();
    if (!matcher.matches(fileName, graph)) {
      model.close();
      return null;
    }
    String name = fileName != null ? fileName : graph.isEmpty() ? UNNAMED : graph;
    ModelIdentity identity = identify.apply(name, model);
    try {
      return prepare(identity, model, keep);
    } catch (Throwable t) {
      identity.settle();
      throw t;
    }
  }

  private PreparedModel prepare(ModelIdentity identity, ModelFile model, String keep) {
    if (!keep.isEmpty()) {
      return PreparedModel.untouched(identity, model, keep);
    }
    try {
      boolean isNative = plansNative.test(model);
      Rewrite rewrite = (isNative ? nativeRewriter : rewriter).plan(model);
      if (rewrite.taps().isEmpty()) {
        return PreparedModel.untouched(
            identity, model, "no tensor to count is selected by the taps");
      }
      PreparedModel prepared =
          PreparedModel.rewritten(identity, model, rewrite, withThresholds(identity, model));
      return isNative ? prepared.orStandard(rewriter::plan) : prepared;
    } catch (OnnxException | RewriteException e) {
      return PreparedModel.untouched(identity, model, e.getMessage());
    }
  }

  /** The model with the thresholds and the same taps; null if there are no thresholds for it. */
  private PreparedModel withThresholds(ModelIdentity identity, ModelFile model) {
    if (thresholds == null) {
      return null;
    }
    try {
      Rewrite rewrite = thresholds.plan(model);
      return rewrite.thresholds().isEmpty() && rewrite.transformations().isEmpty()
          ? null
          : PreparedModel.rewritten(identity, model, rewrite, null);
    } catch (OnnxException | RewriteException e) {
      return PreparedModel.untouched(identity, model, e.getMessage());
    }
  }
}
