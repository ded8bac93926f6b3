package io.sparsescope.experiments.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Real data and models, where they lie beside the repository. */
public final class SharedData {
  private SharedData() {}

  /** A path in the folder {@code shared}; a notice is printed where it is absent. */
  public static Optional<Path> find(String path) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path found = folder.resolve("shared").resolve(path);
      if (Files.exists(found)) {
        return Optional.of(found);
      }
      folder = folder.getParent();
    }
    System.out.println("skipped: no ../shared/" + path);
    return Optional.empty();
  }
}
