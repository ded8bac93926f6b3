package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.Profile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A profile that rolls. */
class RollIT {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir Path folder;

  @Test
  void intervalsAddUpToTheWholeProfile() throws Exception {
    Child child = run("out=profile.json,retain=1000,interval=100ms,");

    Profile merged = Profile.merge(intervals().stream().map(Profile::read).toList());
    assertThat(intervals()).hasSizeGreaterThan(1);
    Experiment.assertCounts(merged, child.out());
    Experiment.assertCounts(Profile.read(folder.resolve("profile.json")), child.out());
  }

  @Test
  void keepsTheNewestIntervals() throws Exception {
    Child child = run("out=profile.json,retain=1,interval=100ms,");

    assertThat(intervals()).hasSize(1);
    Experiment.assertCounts(Profile.read(folder.resolve("profile.json")), child.out());
  }

  private Child run(String options) throws Exception {
    String classPath = Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");
    Experiment experiment =
        new Experiment(JAVA, folder, List.of("-cp", classPath, OrtProgram.class.getName()));
    return experiment.with(options + Experiment.OPTIONS);
  }

  private List<Path> intervals() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("profile-.*Z(-\\d+)?\\.json"))
          .toList();
    }
  }
}
