package io.sparsescope.it.services;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime and the model inside a jar inside of which classes are loaded by Spring Boot. */
class SpringBootIT {
  @TempDir Path folder;

  @Test
  void aServiceInASpringBootJarComputesTheSameAndIsCounted() {
    Path file = folder.resolve("profile.json");

    ChildJvm.Result plain = service().run().orThrow();
    ChildJvm.Result observed =
        service().agent(Repository.agentJar(), "out=" + file).run().orThrow();

    assertThat(plain.out().lines()).hasSize(51);
    assertThat(observed.out()).isEqualTo(plain.out());
    assertThat(observed.err()).doesNotContain("sparsescope");
    Profile profile = Profile.read(file);
    assertThat(profile.agent().failureMessages()).isEmpty();
    assertThat(profile.models()).hasSize(1);
    ModelProfile model = profile.models().get(0);
    assertThat(model.graph()).isEqualTo("relu model");
    assertThat(model.taps())
        .singleElement()
        .satisfies(
            tap ->
                assertThat("TOTAL " + tap.runs() + " " + tap.elements() + " " + tap.zeros())
                    .isEqualTo(last(plain.out())));
  }

  private static String last(String out) {
    List<String> lines = out.lines().toList();
    return lines.get(lines.size() - 1);
  }

  private static ChildJvm service() {
    Path jar =
        Repository.root()
            .resolve("integration-tests/services/springboot/target/springboot-service.jar");
    assertThat(Files.isRegularFile(jar)).as(jar.toString()).isTrue();
    return ChildJvm.of(Jdk.current(), "org.springframework.boot.loader.launch.JarLauncher")
        .classPath(List.of(jar))
        .options("-Xmx256m");
  }
}
