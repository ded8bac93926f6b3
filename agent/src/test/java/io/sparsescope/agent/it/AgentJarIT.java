package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** The built jar: what it shows, and what it hides. */
class AgentJarIT {
  private static final String SILENT = "io/sparsescope/agent/silent/";

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

  /** It has hundreds of other files. */
  @Test
  void hasOfThePlotsLibraryTheOneScriptAndItsLicences() throws IOException {
    assertThat(entries())
        .filteredOn(name -> name.contains("/webjars/"))
        .map(name -> name.replaceFirst("inst/META-INF/resources/webjars/echarts/[0-9.]+/", ""))
        .containsExactlyInAnyOrder(
            "dist/echarts.min.js", "LICENSE", "NOTICE", "licenses/LICENSE-d3");
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
  void givesItsLibrariesALoggerOfItsOwnThatHasAllTheyCall() throws IOException {
    Set<String> called = new TreeSet<>();
    Set<String> there = new TreeSet<>();
    try (JarFile jar = new JarFile(Machine.AGENT.toFile())) {
      for (String name : entries()) {
        if (!name.endsWith(".classdata")) {
          continue;
        }
        byte[] bytes = jar.getInputStream(jar.getEntry(name)).readAllBytes();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(text).as(name).doesNotContain("java/util/logging/");
        if (text.contains(SILENT)) {
          new ClassReader(bytes).accept(new LoggerMembers(called, there), 0);
        }
      }
    }
    assertThat(called).hasSizeGreaterThan(5);
    assertThat(there).containsAll(called);
  }

  /** Finds the members of our loggers that classes use, and those that are there. */
  private static final class LoggerMembers extends ClassVisitor {
    private final Set<String> called;
    private final Set<String> there;
    private String owner;

    LoggerMembers(Set<String> called, Set<String> there) {
      super(Opcodes.ASM9);
      this.called = called;
      this.there = there;
    }

    @Override
    public void visit(
        int version, int access, String name, String sign, String parent, String[] interfaces) {
      owner = name;
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      there.add(owner + "." + name + descriptor);
      return null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      there.add(owner + "." + name + descriptor);
      return new MethodVisitor(Opcodes.ASM9) {
        @Override
        public void visitMethodInsn(
            int opcode, String type, String method, String of, boolean isInterface) {
          use(type, method + of);
        }

        @Override
        public void visitFieldInsn(int opcode, String type, String field, String of) {
          use(type, field + of);
        }
      };
    }

    private void use(String type, String member) {
      if (type.startsWith(SILENT) && !owner.startsWith(SILENT)) {
        called.add(type + "." + member);
      }
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
