package io.sparsescope.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.session.Journal;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceTest {
  @TempDir Path folder;

  private final List<String> lines = new ArrayList<>();

  @Test
  void comparesWithTheFileOnceItIsRead() {
    Path file = folder.resolve("reference.json");
    profile(2).writeTo(file);
    Reference reference = new Reference(file, new Lines());

    assertThat(reference.drift(profile(5))).isEmpty();
    reference.read();
    assertThat(reference.drift(profile(5)).map(Drift::maxDistance)).contains(0.5 - 0.2);
    assertThat(lines).isEmpty();
  }

  @Test
  void saysInOneLineThatItCannotBeReadAndGoesOnWithout() throws Exception {
    Path file = Files.writeString(folder.resolve("reference.json"), "no json");
    for (Path wrong : List.of(file, folder.resolve("none.json"), folder)) {
      Reference reference = new Reference(wrong, new Lines());
      reference.read();
      assertThat(reference.drift(profile(5))).isEmpty();
    }
    assertThat(lines)
        .hasSize(3)
        .allSatisfy(
            line ->
                assertThat(line)
                    .startsWith("no drift is shown: reference ")
                    .contains(folder.toString())
                    .doesNotContain("\n"));
  }

  private static Profile profile(int zeros) {
    ProfileRecorder recorder =
        new ProfileRecorder(
            new ModelInfo("net.onnx", "ab".repeat(32), "main", 13),
            List.of(new TapInfo("relu", "Relu", "y", "fc", "", TapKind.ACTIVATION, "float32")),
            Map.of());
    recorder.run();
    recorder.record(new Counts[] {new Counts(10, zeros, 0)});
    return new Profile(AgentInfo.of("1", "1.29.0"), List.of(recorder.snapshot()));
  }

  /** Keeps what is said to the user. */
  private final class Lines implements Journal {
    @Override
    public void failed(String what, Throwable cause) {
      lines.add(what + ": " + cause);
    }

    @Override
    public void warn(String message) {
      lines.add(message);
    }

    @Override
    public void info(String message) {}

    @Override
    public void debug(String message) {}
  }
}
