package io.sparsescope.it.soak;

import ai.onnxruntime.OrtEnvironment;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A child JVM with a small heap that runs {@link SoakProgram} under the agent. */
final class Soak {
  private static final String TAPS = "tap=op:Relu;op:Cast";

  private Soak() {}

  /**
   * @param agentOptions options beside the taps and the profile's name, or ""
   * @param seconds how long
   * @param threads threads of the program
   * @param step seconds between two samples
   */
  static SoakResult run(String agentOptions, int seconds, int threads, int step)
      throws IOException {
    Path folder = Files.createTempDirectory(Repository.target("soak"), "run");
    try {
      Path models = Files.createDirectory(folder.resolve("models"));
      SoakModels.writeTo(models);
      Path profile = folder.resolve("profile.json");
      String options = "out=" + profile + ",interval=2s," + TAPS;
      ChildJvm.Result child =
          ChildJvm.of(Jdk.current(), SoakProgram.class.getName())
              .classPath(List.of(locate(SoakProgram.class), locate(OrtEnvironment.class)))
              .options("-Xmx256m")
              .agent(
                  Repository.agentJar(),
                  agentOptions.isEmpty() ? options : options + "," + agentOptions)
              .arguments(models.toString(), seconds + "", threads + "", step + "")
              .limit(Duration.ofSeconds(seconds + 120L))
              .run()
              .orThrow();
      Profile read = Profile.read(profile);
      return new SoakResult(
          SoakSample.parse(child.out()),
          SoakResult.compare(child.out(), read),
          read,
          child.err().lines().filter(line -> line.startsWith("sparsescope:")).toList());
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  private static Path locate(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
