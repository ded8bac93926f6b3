package io.sparsescope.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ONNX's own models with their inputs, where Debian's libonnx-testdata is installed. */
class BackendSuiteTest {
  private static final Path SUITE = Path.of("/usr/share/libonnx-testdata/data");

  /** The rewriter taps sequences whose type nothing declares; ONNX Runtime refuses that. */
  private static final String SEQUENCES = "test_sequence_model";

  @Test
  void profilesEveryModelOrSaysInOneLineWhyNot() throws IOException {
    if (!Files.isDirectory(SUITE)) {
      System.out.println("skipped: no libonnx-testdata");
    }
    assumeThat(SUITE).isDirectory();
    List<Path> models;
    try (Stream<Path> files = Files.walk(SUITE)) {
      models = files.filter(file -> file.endsWith("model.onnx")).sorted().toList();
    }
    int profiled = 0;
    int taps = 0;
    Map<String, List<String>> refused = new TreeMap<>();
    for (Path model : models) {
      try {
        taps += check(profile(model));
        profiled++;
      } catch (ExperimentException | OnnxException | RewriteException e) {
        assertThat(e.getMessage()).doesNotContain("\n").isNotBlank();
        String name = model.getParent().getFileName().toString();
        if (e.getMessage().contains("ONNX Runtime refuses") && !name.startsWith(SEQUENCES)) {
          assertThat(loads(model)).as(e.getMessage()).isFalse();
        }
        refused
            .computeIfAbsent(e.getClass().getSimpleName(), type -> new ArrayList<>())
            .add(name + ": " + e.getMessage());
      }
    }
    System.out.println(profiled + " models profiled with " + taps + " taps");
    refused.forEach((type, all) -> System.out.println(type + ": " + all.size() + " " + all.get(0)));
    assertThat(profiled).isPositive();
  }

  private static ModelProfile profile(Path file) {
    Rules rules = new Rules(List.of(), List.of(), List.of("**"), Map.of());
    try (ModelFile model = ModelFile.open(file);
        DataSource data =
            DataSpec.parse("onnx:" + file.getParent())
                .open(InputSpec.of(model), DataOptions.NONE)) {
      return new OfflineProfiler(
              model, rules, new OfflineProfiler.Options(1, OptionalLong.empty(), true))
          .run(data, Progress.NONE)
          .models()
          .get(0);
    }
  }

  /** Whether ONNX Runtime takes the model as it is. */
  private static boolean loads(Path model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session =
            OrtEnvironment.getEnvironment().createSession(model.toString(), options)) {
      return session.getNumOutputs() > 0;
    } catch (OrtException e) {
      return false;
    }
  }

  private static int check(ModelProfile model) {
    for (TapProfile tap : model.runTaps()) {
      assertThat(tap.runs()).isLessThanOrEqualTo(model.sampledRuns());
    }
    return model.runTaps().size();
  }
}
