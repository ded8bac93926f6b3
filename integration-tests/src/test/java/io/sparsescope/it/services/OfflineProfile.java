package io.sparsescope.it.services;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Profile;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The offline profiler in a JVM of its own, on a chosen ONNX Runtime. */
final class OfflineProfile {
  private OfflineProfile() {}

  /**
   * Profiles a model with the default taps.
   *
   * @param data as {@code --data} has it
   * @param batch as {@code --batch} has it
   */
  static Profile take(String onnxRuntime, Path model, String data, int batch, Path out) {
    ChildJvm.of(Jdk.current(), OfflineProfile.class.getName())
        .classPath(List.of(Service.onnxRuntime(onnxRuntime)))
        .ownClassPath()
        .options("-Xmx512m")
        .arguments(model.toString(), data, batch + "", out.toString())
        .run()
        .orThrow();
    return Profile.read(out);
  }

  /** Arguments: model, data, batch, profile to write. */
  public static void main(String[] args) {
    OfflineProfiler.Options options =
        new OfflineProfiler.Options(Integer.parseInt(args[2]), OptionalLong.empty(), false);
    try (ModelFile model = ModelFile.open(Path.of(args[0]));
        DataSource data = DataSpec.parse(args[1]).open(InputSpec.of(model), DataOptions.NONE)) {
      Profile profile = new OfflineProfiler(model, Rules.NONE, options).run(data, Progress.NONE);
      profile.writeTo(Path.of(args[3]));
    }
  }
}
