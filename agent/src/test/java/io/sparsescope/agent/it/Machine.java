package io.sparsescope.agent.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** What the build made, and what Java installations there are. */
final class Machine {
  /** The agent as users get it. */
  static final Path AGENT = Path.of("target/sparsescope-agent.jar").toAbsolutePath();

  /** OpenTelemetry's agent. */
  static final Path OPENTELEMETRY =
      Path.of("target/agents/opentelemetry-javaagent.jar").toAbsolutePath();

  /** The test classes, for programs to be run. */
  static final Path CLASSES = Path.of("target/test-classes").toAbsolutePath();

  private static final String LIBRARY =
      "inst/io/sparsescope/agent/nativecount/linux-x64/libsparsescope-count.so";

  private Machine() {}

  /** The jar of a version of ONNX Runtime that the build has fetched. */
  static Path onnxruntime(String version) {
    return Path.of("target/ort/onnxruntime-" + version + ".jar").toAbsolutePath();
  }

  /** Whether the agent has a native library for this build's platform. */
  static boolean hasNativeLibrary() throws IOException {
    try (JarFile jar = new JarFile(AGENT.toFile())) {
      return jar.getEntry(LIBRARY) != null;
    }
  }

  /**
   * The {@code java} of a feature version: the current one's, that of the folder in {@code
   * SPARSESCOPE_JDK<feature>}, or one below /usr/lib/jvm. Prints a notice if there is none.
   */
  static Optional<Path> java(int feature) throws IOException {
    if (Runtime.version().feature() == feature) {
      return Optional.of(Path.of(System.getProperty("java.home"), "bin", "java"));
    }
    Optional<Path> home =
        Optional.ofNullable(System.getenv("SPARSESCOPE_JDK" + feature)).map(Path::of);
    if (home.isEmpty()) {
      home = installed(feature);
    }
    if (home.isEmpty()) {
      System.out.println(
          "NOTICE: no JDK "
              + feature
              + " (set SPARSESCOPE_JDK"
              + feature
              + "): its tests are skipped");
    }
    return home.map(folder -> folder.resolve("bin/java"));
  }

  /** Waits until the condition holds. */
  static void await(Duration limit, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + limit);
      }
      Thread.sleep(10);
    }
  }

  private static Optional<Path> installed(int feature) throws IOException {
    Path folder = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(folder)) {
      return homes.filter(home -> isOf(home, feature)).sorted().findFirst();
    }
  }

  private static boolean isOf(Path home, int feature) {
    Path release = home.resolve("release");
    try {
      return Files.isExecutable(home.resolve("bin/java"))
          && Files.isReadable(release)
          && Files.readString(release)
              .lines()
              .anyMatch(line -> line.matches("JAVA_VERSION=\"" + feature + "(\\..*)?\""));
    } catch (IOException e) {
      return false;
    }
  }
}
