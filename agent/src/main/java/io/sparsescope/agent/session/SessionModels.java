package io.sparsescope.agent.session;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Decides for each model an application loads whether it is rewritten, and plans the rewrite. */
final class SessionModels {
  static final String UNNAMED = "model in memory";

  private final ModelMatcher matcher;
  private final Rewriter rewriter;

  /**
   * @param models glob on file name or graph name
   * @param rules what to tap, and blocks
   */
  SessionModels(String models, Rules rules) {
    matcher = new ModelMatcher(models);
    // Other models of the application need not have what the patterns name; and what the
    // application reads from its session, its model's metadata too, must stay as it was.
    rewriter = new Rewriter(rules, true, false, CountMode.FAST);
  }

  /** Which models are asked for. */
  ModelMatcher matcher() {
    return matcher;
  }

  /** Taps and blocks of the options and of the rule file they name. */
  static Rules rules(AgentOptions options) {
    Rules file = options.rules().map(Rules::read).orElse(Rules.NONE);
    List<String> taps = options.tap();
    if (taps.isEmpty()) {
      taps = file.taps().isEmpty() ? List.of(AgentOptions.DEFAULT_TAP) : file.taps();
    }
    return new Rules(List.of(), List.of(), taps, file.blocks());
  }

  /**
   * @param keep why the model must be run as it is, "" if nothing forbids to rewrite it
   * @return null if the options do not ask for this model
   */
  PreparedModel file(String path, String keep) {
    Path file = Path.of(path);
    Path name = file.getFileName();
    return prepare(name == null ? path : name.toString(), () -> ModelFile.open(file), keep);
  }

  PreparedModel bytes(byte[] model, String keep) {
    return prepare(null, () -> ModelFile.of(UNNAMED, model), keep);
  }

  /** The buffer's remaining bytes; its position and limit may be ours to change, its bytes not. */
  PreparedModel buffer(ByteBuffer model, String keep) {
    return prepare(null, () -> ModelFile.of(UNNAMED, model), keep);
  }

  private PreparedModel prepare(String fileName, Supplier<ModelFile> source, String keep) {
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
      return prepare(fileName, model, keep);
    } catch (Throwable t) {
      model.close();
      throw t;
    }
  }

  private PreparedModel prepare(String fileName, ModelFile model, String keep) {
    String graph = model.graph().name();
    if (!matcher.matches(fileName, graph)) {
      model.close();
      return null;
    }
    String name = fileName != null ? fileName : graph.isEmpty() ? UNNAMED : graph;
    ModelIdentity identity = ModelIdentity.of(name, model);
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
      Rewrite rewrite = rewriter.plan(model);
      if (rewrite.taps().isEmpty()) {
        return PreparedModel.untouched(
            identity, model, "no tensor to count is selected by the taps");
      }
      return PreparedModel.rewritten(identity, model, rewrite);
    } catch (OnnxException | RewriteException e) {
      return PreparedModel.untouched(identity, model, e.getMessage());
    }
  }
}
