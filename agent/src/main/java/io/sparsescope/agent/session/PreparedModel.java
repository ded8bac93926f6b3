package io.sparsescope.agent.session;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.rewriter.Rewrite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A model on its way into a session: rewritten, or to be run as it is for a reason that the profile
 * tells. Keeps the model open until closed, if it is opened at all; the application's own bytes are
 * not kept beyond that.
 */
final class PreparedModel implements AutoCloseable {
  private final ModelIdentity identity;
  private final Taps taps;
  private final PreparedModel thresholded;

  /** Null while nobody has needed it, or if it cannot be opened. */
  private ModelFile file;

  /** Null if the model comes from memory, or from a file that may change without being seen to. */
  private Origin origin;

  private Rewrite rewrite;

  /** Null while nobody has needed it. */
  private Optional<byte[]> appendix;

  /** Whether it refers to external data, which takes a look at all tensors; null like that. */
  private Boolean external;

  /** How the rewrite is planned; null if that is done. */
  private Function<ModelFile, Rewrite> plan;

  /** The same rewrite with standard operators; null if it has no others. */
  private Function<ModelFile, Rewrite> standard;

  /** Hears of a session that was created of this model; null if nobody does. */
  private Consumer<PreparedModel> listener;

  private String reason;
  private Throwable refusal;

  private PreparedModel(
      ModelIdentity identity,
      ModelFile file,
      Rewrite rewrite,
      Taps taps,
      PreparedModel thresholded,
      String reason) {
    this.identity = identity;
    this.file = file;
    this.rewrite = rewrite;
    this.taps = taps;
    this.thresholded = thresholded;
    this.reason = reason;
  }

  /**
   * @param thresholded the same model with thresholds to be tried, or null
   */
  static PreparedModel rewritten(
      ModelIdentity identity, ModelFile file, Rewrite rewrite, PreparedModel thresholded) {
    Taps taps = Taps.of(rewrite.taps(), file.graph()::isOutput);
    return new PreparedModel(identity, file, rewrite, taps, thresholded, "");
  }

  static PreparedModel untouched(ModelIdentity identity, ModelFile file, String reason) {
    return new PreparedModel(identity, file, null, Taps.NONE, null, reason);
  }

  /**
   * A model of which there was a session before. It is opened only if the way that was taken then
   * cannot be taken.
   *
   * @param plan plans the rewrite again
   */
  static PreparedModel known(
      String name, Origin origin, KnownModel known, Function<ModelFile, Rewrite> plan) {
    ModelIdentity identity =
        ModelIdentity.of(new ModelInfo(name, known.sha256(), known.graph(), known.opset()));
    PreparedModel model =
        new PreparedModel(identity, null, known.rewrite(), known.taps(), null, "");
    model.origin = origin;
    model.appendix = Optional.of(known.appendix());
    model.external = false;
    model.plan = plan;
    return model;
  }

  /** Says which file the model comes from, of which a change would be seen. */
  PreparedModel from(Origin file) {
    origin = file;
    return this;
  }

  /** Tells {@code who} as soon as there is a session of the rewritten model. */
  PreparedModel telling(Consumer<PreparedModel> who) {
    listener = who;
    return this;
  }

  /** There is a session of this model, registered. */
  void loaded() {
    if (listener != null && isRewritten()) {
      listener.accept(this);
    }
  }

  /** Waits until it is known, which takes reading all of the model. */
  ModelInfo info() {
    return identity.get();
  }

  /** The model, opened if need be. */
  ModelFile file() {
    if (file == null && plan != null) {
      file = origin.open();
    }
    return file;
  }

  /** Where the model comes from; empty if from memory, or if a change might not be seen. */
  Optional<Origin> origin() {
    return Optional.ofNullable(origin);
  }

  /** Its edit may be missing, see {@link #edit}. */
  Rewrite rewrite() {
    return rewrite;
  }

  /**
   * Says that the rewritten model has native operators.
   *
   * @param plan plans the same rewrite with standard ones
   * @return this
   */
  PreparedModel orStandard(Function<ModelFile, Rewrite> plan) {
    standard = plan;
    return this;
  }

  /** Whether the rewritten model has native operators. */
  boolean isNative() {
    return standard != null;
  }

  /** From now on the rewritten model has standard operators only. */
  void withoutNative() {
    rewrite = standard.apply(file());
    standard = null;
    plan = null;
    appendix = null;
  }

  /** Whether there is a rewritten model, and nothing keeps it from being run. */
  boolean isRewritten() {
    return rewrite != null && reason.isEmpty();
  }

  /** Why the session runs the original, "" if it does not. */
  String reason() {
    return reason;
  }

  /** What kept the rewritten model from being loaded, or null. */
  Throwable refusal() {
    return refusal;
  }

  /** The rewritten model could not be loaded; the original will be. */
  void refused(Throwable cause) {
    refusal = cause;
    reason = "the rewritten model could not be loaded: " + cause;
  }

  /** The original is to be run, for a reason that the profile tells. */
  void keep(String why) {
    reason = why;
  }

  Taps taps() {
    return isRewritten() ? taps : Taps.NONE;
  }

  /** The same model with the thresholds that are to be tried, or null; closed with this one. */
  PreparedModel thresholded() {
    return isRewritten() ? thresholded : null;
  }

  /** The changes, planned if need be. */
  ModelEdit edit() {
    if (plan != null) {
      rewrite = plan.apply(file());
      plan = null;
    }
    return rewrite.edit();
  }

  /** What makes the rewritten model if put behind the model's bytes; empty if nothing does. */
  Optional<byte[]> appendix() {
    if (appendix == null) {
      appendix = hasExternalData() ? Optional.empty() : edit().appendix();
    }
    return appendix;
  }

  /** Whether it refers to external data. */
  boolean hasExternalData() {
    if (external == null) {
      external = file().hasExternalData();
    }
    return external;
  }

  /** The files of its external data, as {@link ModelFile#externalFiles} has them. */
  Map<Path, Path> externalFiles() {
    return hasExternalData() ? file().externalFiles() : Map.of();
  }

  /** The rewritten model as a file, where ONNX Runtime finds its external data. */
  ModelCopy copy() throws IOException {
    return ModelCopy.of(file(), edit());
  }

  @Override
  public void close() {
    identity.settle();
    if (file != null) {
      file.close();
    }
  }
}
