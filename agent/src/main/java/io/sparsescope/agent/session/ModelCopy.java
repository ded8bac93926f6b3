package io.sparsescope.agent.session;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rewritten model in a file, for as long as ONNX Runtime needs to load it: under its own name in
 * a folder that only we can read. ONNX Runtime looks for external data in the model's folder and
 * follows no symbolic links out of it, so the data files are linked there as what they are; where
 * that cannot be, the rewritten model lies beside the original instead, under a hidden name.
 */
final class ModelCopy implements AutoCloseable {
  private static final AtomicLong NEXT = new AtomicLong();

  private final Path file;

  /** What is deleted in the end: the file, or the folder it lies in. */
  private final Path owned;

  private ModelCopy(Path file, Path owned) {
    this.file = file;
    this.owned = owned;
  }

  static ModelCopy of(ModelFile model, ModelEdit edit) throws IOException {
    Path original = model.path().orElseThrow().toAbsolutePath();
    Map<Path, Path> data = model.externalFiles();
    if (data.isEmpty()) {
      return inPrivateFolder(original, data, edit);
    }
    try {
      return inPrivateFolder(original, data, edit);
    } catch (IOException | UnsupportedOperationException e) {
      // Another file system, or none with links.
      return beside(original, edit);
    }
  }

  private static ModelCopy inPrivateFolder(Path original, Map<Path, Path> data, ModelEdit edit)
      throws IOException {
    Path folder = Files.createTempDirectory("sparsescope-");
    ModelCopy copy = new ModelCopy(folder.resolve(original.getFileName()), folder);
    try {
      for (Map.Entry<Path, Path> entry : data.entrySet()) {
        Path link = folder.resolve(entry.getKey());
        Files.createDirectories(link.getParent());
        Files.createLink(link, entry.getValue());
      }
      edit.writeTo(copy.file);
      return copy;
    } catch (Throwable t) {
      copy.close();
      throw t;
    }
  }

  private static ModelCopy beside(Path original, ModelEdit edit) {
    String name =
        ".sparsescope-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + ".onnx";
    Path file = original.resolveSibling(name);
    // Written as a whole or not at all.
    edit.writeTo(file);
    return new ModelCopy(file, file);
  }

  Path file() {
    return file;
  }

  /** Deletes what was made; what cannot be deleted now is at exit. */
  @Override
  public void close() {
    try {
      Files.walkFileTree(owned, new Deletion());
    } catch (IOException | RuntimeException e) {
      owned.toFile().deleteOnExit();
    }
  }

  /** Symbolic links are not followed, and hard links leave the application's files alone. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
