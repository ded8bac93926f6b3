package io.sparsescope.it.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sparsescope attach} as it is shipped, from start to stop. */
class AttachCommandIT {
  @TempDir Path folder;

  @Test
  void startsAsksAndStopsTheAgentInAServiceThatRuns() throws Exception {
    Process service =
        ChildJvm.of(Jdk.current(), RunningService.class.getName())
            .classPath(
                List.of(
                    Repository.target("test-classes"),
                    Repository.target("runtimes").resolve("onnxruntime-1.29.0.jar")))
            .arguments(model().toString())
            .start(folder);
    try (Writer in = service.outputWriter(StandardCharsets.UTF_8);
        BufferedReader out = service.inputReader(StandardCharsets.UTF_8)) {
      // Zeros and negative numbers.
      String run = out.readLine();
      assertThat(run).as(Files.readString(folder.resolve("stderr"))).isEqualTo("8 4");
      String pid = Long.toString(service.pid());
      ChildJvm.Result early = attach(pid, "dump");
      assertThat(early.exitCode()).isEqualTo(1);
      assertThat(early.err().strip())
          .startsWith("sparsescope: the agent has no profile file")
          .hasLineCount(1);

      assertThat(attach(pid, "start", "tap=op:Relu,interval=1h").orThrow().out())
          .startsWith("agent ")
          .contains("started");
      for (int i = 0; i < 3; i++) {
        in.write("run\n");
        in.flush();
        assertThat(out.readLine()).isEqualTo("8 4");
      }
      ChildJvm.Result again = attach(pid, "start");
      assertThat(again.exitCode()).isEqualTo(1);
      assertThat(again.err().strip()).contains("runs already").hasLineCount(1);
      assertThat(attach(pid, "status").orThrow().out())
          .contains("running (version ", "tap=op:Relu", "service.onnx");

      Path file = folder.resolve("dumped.json");
      ChildJvm.Result dump = attach(pid, "dump", "-o", file.toString()).orThrow();
      assertThat(dump.out()).contains("wrote the profile to " + file);
      assertThat(dump.out().lines())
          .filteredOn(line -> line.contains("layer.relu"))
          .singleElement()
          .asString()
          .contains("50.0");
      ModelProfile model = Profile.read(file).models().get(0);
      assertThat(model.sessions()).isEqualTo(3);
      TapProfile tap = model.taps().get(0);
      assertThat(List.of(tap.runs(), tap.elements(), tap.zeros())).isEqualTo(List.of(3L, 24L, 12L));

      assertThat(attach(pid, "stop").orThrow().out()).contains("classes are as they were");
      in.write("run\n");
      in.flush();
      assertThat(out.readLine()).isEqualTo("8 4");
      in.close();
      assertThat(service.waitFor()).isZero();
      assertThat(Files.readString(folder.resolve("stderr"))).doesNotContain("sparsescope:");
    } finally {
      service.destroyForcibly();
    }
  }

  /** As the launcher runs it. */
  private static ChildJvm.Result attach(String... arguments) {
    Path jar = Repository.root().resolve("cli/target/sparsescope-cli.jar");
    assertThat(jar).isRegularFile();
    return ChildJvm.of(Jdk.current(), "io.sparsescope.cli.Main")
        .classPath(List.of(jar))
        .jarsOf(jar.resolveSibling("lib"))
        .options("-Dsparsescope.home=" + Repository.root(), "-Dsparsescope.terminal=false")
        .arguments("attach")
        .arguments(arguments)
        .run();
  }

  private Path model() {
    return ModelBuilder.model(17)
        .graphName("service")
        .input("x", ElementType.FLOAT, -1, 4)
        .output("y", ElementType.FLOAT, -1, 4)
        .node("Relu", List.of("x"), List.of("y"), "layer.relu")
        .writeTo(folder.resolve("service.onnx"));
  }
}
