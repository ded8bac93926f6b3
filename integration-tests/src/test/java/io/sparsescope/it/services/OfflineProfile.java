package io.sparsescope.it.services;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Takes a profile with {@code sparsescope profile}, on a chosen ONNX Runtime. */
final class OfflineProfile {
  private OfflineProfile() {}

  /**
   * @param data what {@code --data} says
   * @param batch what {@code --batch} says
   */
  static Profile take(String onnxRuntime, Path model, String data, int batch, Path out)
      throws IOException {
    Path target = Repository.root().resolve("cli/target");
    ChildJvm.of(Jdk.current(), "io.sparsescope.cli.Main")
        .classPath(List.of(Service.onnxRuntime(onnxRuntime), target.resolve("sparsescope-cli.jar")))
        .jarsOf(target.resolve("lib"))
        .options("-Xmx512m")
        .arguments("profile", model.toString(), "--data", data, "--batch", batch + "")
        .arguments("--tap", "layer:*", "-o", out.toString())
        .run()
        .orThrow();
    Profile profile = Profile.read(out);
    Files.delete(out);
    return profile;
  }
}
