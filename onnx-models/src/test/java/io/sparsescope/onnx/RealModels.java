package io.sparsescope.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Models of other makers, where this machine has them. */
final class RealModels {
  private static final Path BACKEND_SUITE = Path.of("/usr/share/libonnx-testdata/data");

  private RealModels() {}

  /** The folder shared/models beside the repository; null, with a notice, if it is absent. */
  static Path shared() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path models = folder.resolve("shared/models");
      if (Files.isDirectory(models)) {
        return models;
      }
    }
    System.out.println("notice: no ../shared/models here, tests on its models are skipped");
    return null;
  }

  /** ONNX's backend suite as Debian's libonnx-testdata installs it; empty if it is not there. */
  static List<Path> backendSuite() {
    if (Files.isDirectory(BACKEND_SUITE)) {
      return modelsIn(BACKEND_SUITE);
    }
    System.out.println("notice: no libonnx-testdata here, tests on its models are skipped");
    return List.of();
  }

  static List<Path> modelsIn(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
