package io.sparsescope.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where things lie in this repository and beside it. */
public final class Repository {
  private static final Path ROOT = findRoot();

  private Repository() {}

  /** The repository's root folder. */
  public static Path root() {
    return ROOT;
  }

  /** A file or folder of the materials beside the repository; empty, with a notice, if absent. */
  public static Optional<Path> shared(String path) {
    Path file = ROOT.resolve("../shared").resolve(path).normalize();
    return noticeUnless(Files.exists(file), file, "../shared/" + path + " is absent");
  }

  /** The shaded agent of this build. */
  public static Path agentJar() {
    Path jar = ROOT.resolve("agent/target/sparsescope-agent.jar");
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(jar + " is missing: build it with mvn package -pl agent -am");
    }
    return jar;
  }

  /** A scratch folder below this module's target folder, made if need be. */
  public static Path target(String name) {
    try {
      return Files.createDirectories(ROOT.resolve("integration-tests/target").resolve(name));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * Folders of the ONNX backend suite (Debian's libonnx-testdata); none, with a notice, if absent.
   */
  public static List<Path> backendSuite() {
    Path data = Path.of("/usr/share/libonnx-testdata/data");
    if (noticeUnless(Files.isDirectory(data), data, "package libonnx-testdata is absent")
        .isEmpty()) {
      return List.of();
    }
    return List.of("node", "pytorch-converted", "pytorch-operator", "simple").stream()
        .map(data::resolve)
        .filter(Files::isDirectory)
        .toList();
  }

  private static Optional<Path> noticeUnless(boolean present, Path path, String notice) {
    if (present) {
      return Optional.of(path);
    }
    System.out.println("NOTICE: " + notice + ": what needs it is skipped");
    return Optional.empty();
  }

  /** The launcher names it; else it is around the current folder. */
  private static Path findRoot() {
    Path start = Path.of(System.getProperty("sparsescope.home", "")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("integration-tests/pom.xml"))) {
        return folder;
      }
    }
    throw new IllegalStateException(start + " is not inside the Sparsescope repository");
  }
}
