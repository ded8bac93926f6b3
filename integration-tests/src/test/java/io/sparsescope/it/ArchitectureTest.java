package io.sparsescope.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the arrows between the modules, and a few rules that keep the agent harmless. */
class ArchitectureTest {
  private static final String ONNX = "io.sparsescope.onnx..";
  private static final String REWRITER = "io.sparsescope.rewriter..";
  private static final String PROFILE = "io.sparsescope.profile..";
  private static final String AGENT = "io.sparsescope.agent..";
  private static final String EXPERIMENTS = "io.sparsescope.experiments..";
  private static final String CLI = "io.sparsescope.cli..";
  private static final String ONNX_RUNTIME = "ai.onnxruntime..";

  /** Packages of the project that the classes of a module may use, its own apart. */
  private static final Map<String, List<String>> MAY_USE =
      Map.of(
          ONNX, List.of(),
          REWRITER, List.of(ONNX),
          PROFILE, List.of(),
          AGENT, List.of(ONNX, REWRITER, PROFILE),
          EXPERIMENTS, List.of(ONNX, REWRITER, PROFILE),
          CLI, List.of(ONNX, REWRITER, PROFILE, EXPERIMENTS));

  private static final List<String> MODULES =
      List.of("onnx-models", "rewriter", "profile", "agent", "experiments", "cli");

  private static final JavaClasses CLASSES = new ClassFileImporter().importPaths(compiled());

  @Test
  void modulesDependOnlyWhereTheArrowsGo() {
    for (Map.Entry<String, List<String>> module : MAY_USE.entrySet()) {
      String[] others =
          MAY_USE.keySet().stream()
              .filter(p -> !p.equals(module.getKey()) && !module.getValue().contains(p))
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(module.getKey())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void onlyExperimentsKnowOnnxRuntime() {
    noClasses()
        .that()
        .resideInAnyPackage(ONNX, REWRITER, PROFILE, AGENT)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ONNX_RUNTIME)
        .because("the agent must meet the application's ONNX Runtime, whatever its version")
        .check(CLASSES);
  }

  @Test
  void onlyRewriterAndProfileKnowTheirFormatsLibraries() {
    noClasses()
        .that()
        .resideInAPackage(ONNX)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.fasterxml..", "net.bytebuddy..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(PROFILE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.google.protobuf..", "net.bytebuddy..")
        .check(CLASSES);
  }

  @Test
  void agentNeverEndsTheApplicationNorTouchesItsLogging() {
    noClasses()
        .that()
        .resideInAPackage(AGENT)
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.util.logging..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void onlyTheAgentsExportsKnowServersAndCollectors() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.sparsescope.agent.export..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..", "io.prometheus..", "com.sun.net.httpserver..")
        .because("the agent loads them only if its options ask for them")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineExits() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CLI)
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("io.sparsescope.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<String> silent = new TreeSet<>();
    for (String module : MODULES) {
      Path sources = Repository.root().resolve(module).resolve("src/main/java");
      if (!Files.isDirectory(sources)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .map(Path::getParent)
            .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
            .forEach(folder -> silent.add(sources.relativize(folder).toString()));
      }
    }

    assertThat(silent).isEmpty();
  }

  @Test
  void classesOfEveryBuiltModuleWereRead() {
    Set<String> packages =
        CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());

    assertThat(packages)
        .contains("io.sparsescope.onnx", "io.sparsescope.rewriter", "io.sparsescope.profile");
  }

  private static List<Path> compiled() {
    return MODULES.stream()
        .map(module -> Repository.root().resolve(module).resolve("target/classes"))
        .filter(
            folder -> {
              boolean built = Files.isDirectory(folder);
              if (!built) {
                System.out.println("NOTICE: " + folder + " is not built: its arrows are unchecked");
              }
              return built;
            })
        .toList();
  }
}
