package io.sparsescope.it.fuzz;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Does to a model all that the project does to models. */
final class FuzzTarget {
  /** How far a model came. */
  enum Outcome {
    REFUSED,
    READ,
    REWRITTEN
  }

  private static final long MOST_VALUES = 1 << 20;
  private static final List<ThresholdRule> THRESHOLDS =
      List.of(new ThresholdRule("**", 0.25, false, false, false));
  private static final List<ThresholdRule> BAKED =
      List.of(new ThresholdRule("**", 0.25, true, false, true));
  private static final Rules INSERTED =
      new Rules(THRESHOLDS, THRESHOLDS, List.of("**"), Map.of("all", "**"));
  private static final Rules ON_LAYERS =
      new Rules(BAKED, List.of(), List.of("layer:*", "op:Relu & !tensor:x*"), Map.of());

  private final Path file;

  /**
   * @param file scratch file, for models that are opened by path
   */
  FuzzTarget(Path file) {
    this.file = file;
  }

  /** Tries a model from memory. */
  Outcome inMemory(byte[] bytes) {
    try (ModelFile model = ModelFile.of("fuzzed", bytes)) {
      if (!Arrays.equals(new ModelEdit(model).toBytes(), bytes)) {
        throw new AssertionError("written without edits, the model is another");
      }
      return use(model);
    } catch (OnnxException e) {
      checkMessage(e);
      return Outcome.REFUSED;
    }
  }

  /** Tries a model from a file. */
  Outcome onDisk(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try (ModelFile model = ModelFile.open(file)) {
      return use(model);
    } catch (OnnxException e) {
      checkMessage(e);
      return Outcome.REFUSED;
    }
  }

  private static Outcome use(ModelFile model) {
    Graph graph = model.graph();
    for (Node node : graph.allNodes()) {
      node.proto().getOutputList().forEach(graph::type);
      node.proto().getInputList().forEach(graph::consumers);
    }
    model.metadata();
    model.functions();
    model.sha256();
    graph.initializers().values().forEach(initializer -> read(model, initializer));
    boolean inserted = rewrite(model, INSERTED);
    boolean onLayers = rewrite(model, ON_LAYERS);
    return inserted || onLayers ? Outcome.REWRITTEN : Outcome.READ;
  }

  private static void read(ModelFile model, Initializer initializer) {
    try {
      if (initializer.elements() < MOST_VALUES) {
        model.data(initializer).forEachChunk(chunk -> {});
      }
    } catch (OnnxException e) {
      checkMessage(e);
    }
  }

  private static boolean rewrite(ModelFile model, Rules rules) {
    try {
      Rewrite rewrite = new Rewriter(rules, true, true).plan(model);
      rewrite.edit().check();
      return rewrite.edit().toBytes().length > 0;
    } catch (OnnxException | RewriteException e) {
      checkMessage(e);
      return false;
    }
  }

  /** Messages go to users as they are: one line that says something. */
  static void checkMessage(RuntimeException e) {
    String message = e.getMessage();
    if (message == null || message.isBlank() || message.indexOf('\n') >= 0) {
      throw new AssertionError("message is not one line: " + message, e);
    }
  }
}
