package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The built jar: what it shows, and what it hides. */
class AgentJarIT {

  @Test
  void showsTheEntryPointAndTheBridgeOnly() throws IOException {
    assertThat(entries())
        .filteredOn(name -> !name.startsWith("inst/"))
        .containsExactlyInAnyOrder(
            "META-INF/MANIFEST.MF",
            "io/sparsescope/agent/Agent.class",
            "io/sparsescope/agent/bootstrap/AgentClassLoader.class",
            "io/sparsescope/agent/bootstrap/Bridge.class",
            "io/sparsescope/agent/bootstrap/Launcher.class",
            "io/sparsescope/agent/bootstrap/SessionCalls.class",
            "io/sparsescope/agent/bootstrap/package-info.class");
  }

  @Test
  void hidesEverythingElseUnderNamesOfItsOwn() throws IOException {
    assertThat(entries())
        .filteredOn(name -> name.startsWith("inst/"))
        .hasSizeGreaterThan(1000)
        .allMatch(
            name -> name.startsWith("inst/io/sparsescope/") || name.startsWith("inst/META-INF/"))
        .noneMatch(name -> name.endsWith(".class"))
        .noneMatch(name -> name.endsWith("module-info.classdata"));
  }

  @Test
  void relocatesWhatItsLibrariesNameInTheirClassesAndServices() throws IOException {
    try (JarFile jar = new JarFile(Machine.AGENT.toFile())) {
      for (String name : entries()) {
        byte[] bytes = jar.getInputStream(jar.getEntry(name)).readAllBytes();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(text)
            .as(name)
            .doesNotContain("Lcom/fasterxml/jackson/", "Lcom/google/protobuf/")
            .doesNotContain("Lorg/yaml/snakeyaml/", "Lorg/objectweb/asm/")
            .doesNotContain("Lio/prometheus/", "Lio/opentelemetry/");
      }
      ZipEntry service =
          jar.getEntry(
              "inst/META-INF/services/io.sparsescope.agent.shaded.jackson.core.JsonFactory");
      assertThat(new String(jar.getInputStream(service).readAllBytes(), StandardCharsets.UTF_8))
          .contains("io.sparsescope.agent.shaded.jackson.dataformat.yaml.YAMLFactory");
    }
  }

  @Test
  void saysInItsManifestWhatTheJvmWantsToKnow() throws IOException {
    try (JarFile jar = new JarFile(Machine.AGENT.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Premain-Class")).isEqualTo("io.sparsescope.agent.Agent");
      assertThat(manifest.getValue("Agent-Class")).isEqualTo("io.sparsescope.agent.Agent");
      assertThat(manifest.getValue("Can-Retransform-Classes")).isEqualTo("true");
      assertThat(manifest.getValue("Boot-Class-Path")).isEqualTo("sparsescope-agent.jar");
    }
  }

  private static List<String> entries() throws IOException {
    try (JarFile jar = new JarFile(Machine.AGENT.toFile())) {
      return jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    }
  }
}
