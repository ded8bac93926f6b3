package io.sparsescope.rewriter;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real models that lie beside the project, where they do. */
public final class SharedModels {
  private SharedModels() {}

  /** The file, or the test is skipped with a notice. */
  public static Path find(String path) {
    Path root = Path.of("").toAbsolutePath();
    while (root != null && !Files.isDirectory(root.resolve("rewriter"))) {
      root = root.getParent();
    }
    // A worktree beside the project's folder sees the same neighbours.
    Path file = root == null ? Path.of(path) : root.resolveSibling("shared/models/" + path);
    if (!Files.exists(file)) {
      System.out.println("notice: skipped, there is no " + file);
      Assumptions.abort("no " + file);
    }
    return file;
  }
}
