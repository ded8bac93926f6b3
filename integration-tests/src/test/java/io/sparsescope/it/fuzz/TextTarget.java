package io.sparsescope.it.fuzz;

import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads damaged rule files and profiles. */
final class TextTarget {
  private static final String RULES =
      """
      weights:
        - {match: "block1/**", threshold: 0.05, bake: true}
      activations:
        - {match: "op:Relu & !re:.*/x[0-9]+", threshold: 1.0e-3, compare: le}
        - {match: "/layer{1,2}/**/conv*", transform: "sparse,0.5"}
      taps:
        - {match: "layer:*"}
        - {match: "tensor:gpu_?/**"}
      blocks:
        block1/unit_1: "block1/unit_1/**"
      """;

  private static final String PROFILE =
      """
      {"format":"sparsescope-profile","version":1,
       "agent":{"version":"1","onnxruntime":"1.29.0","failures":0},
       "models":[{"name":"m","sha256":"00","graph":"g","opset":9,"sessions":1,"runs":2,
         "sampledRuns":1,
         "taps":[{"node":"n","op":"Relu","tensor":"t","layer":"l","block":"b",
           "kind":"activation","type":"float32","runs":1,"elements":4,"zeros":1,"sparsity":0.25,
           "nan":0,"perRun":{"min":0.25,"max":0.25,"mean":0.25,"stddev":0}}],
         "blocks":[]}]}
      """;

  private final Path file;

  /**
   * @param file scratch file
   */
  TextTarget(Path file) {
    this.file = file;
  }

  static List<byte[]> seeds() {
    return List.of(
        RULES.getBytes(StandardCharsets.UTF_8), PROFILE.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads the bytes as rules, and as a profile. */
  void read(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      Rules.read(file);
    } catch (RewriteException e) {
      FuzzTarget.checkMessage(e);
    }
    try {
      Profile.read(file).toJson();
    } catch (ProfileException e) {
      FuzzTarget.checkMessage(e);
    }
  }
}
