package io.sparsescope.agent.session;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.rewriter.Rewrite;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * A model on its way into a session: rewritten, or to be run as it is for a reason that the profile
 * tells. Keeps the model open until closed; the application's own bytes are not kept beyond that.
 */
final class PreparedModel implements AutoCloseable {
  private final ModelIdentity identity;
  private final ModelFile file;
  private final Taps taps;
  private final PreparedModel thresholded;
  private Rewrite rewrite;

  /** The same rewrite with standard operators; null if it has no others. */
  private Supplier<Rewrite> standard;

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

  /** Waits until it is known, which takes reading all of the model. */
  ModelInfo info() {
    return identity.get();
  }

  ModelFile file() {
    return file;
  }

  Rewrite rewrite() {
    return rewrite;
  }

  /**
   * Says that the rewritten model has native operators.
   *
   * @param plan plans the same rewrite with standard ones
   * @return this
   */
  PreparedModel orStandard(Supplier<Rewrite> plan) {
    standard = plan;
    return this;
  }

  /** Whether the rewritten model has native operators. */
  boolean isNative() {
    return standard != null;
  }

  /** From now on the rewritten model has standard operators only. */
  void withoutNative() {
    rewrite = standard.get();
    standard = null;
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

  ModelEdit edit() {
    return rewrite.edit();
  }

  boolean hasExternalData() {
    return file.hasExternalData();
  }

  /** The rewritten model as a file, where ONNX Runtime finds its external data. */
  ModelCopy copy() throws IOException {
    return ModelCopy.of(file, rewrite.edit());
  }

  @Override
  public void close() {
    identity.settle();
    if (file != null) {
      file.close();
    }
  }
}
