package io.sparsescope.agent.session;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.rewriter.Rewrite;
import java.io.IOException;

/**
 * A model on its way into a session: rewritten, or to be run as it is for a reason that the profile
 * tells. Keeps the model open until closed; the application's own bytes are not kept beyond that.
 */
final class PreparedModel implements AutoCloseable {
  private final ModelIdentity identity;
  private final ModelFile file;
  private final Rewrite rewrite;
  private final Taps taps;
  private String reason;
  private Throwable refusal;

  private PreparedModel(
      ModelIdentity identity, ModelFile file, Rewrite rewrite, Taps taps, String reason) {
    this.identity = identity;
    this.file = file;
    this.rewrite = rewrite;
    this.taps = taps;
    this.reason = reason;
  }

  static PreparedModel rewritten(ModelIdentity identity, ModelFile file, Rewrite rewrite) {
    return new PreparedModel(
        identity, file, rewrite, Taps.of(rewrite.taps(), file.graph()::isOutput), "");
  }

  static PreparedModel untouched(ModelIdentity identity, ModelFile file, String reason) {
    return new PreparedModel(identity, file, null, Taps.NONE, reason);
  }

  /** Waits until it is known, which takes reading all of the model. */
  ModelInfo info() {
    return identity.get();
  }

  Rewrite rewrite() {
    return rewrite;
  }

  /** Whether there is a rewritten model, and nobody has refused it. */
  boolean isRewritten() {
    return rewrite != null && refusal == null;
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

  Taps taps() {
    return isRewritten() ? taps : Taps.NONE;
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
