package io.sparsescope.agent.session;

import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rewritten model in a file, for as long as ONNX Runtime needs to load it: under its own name in
 * a folder that only we can read. A model with external data lies beside the original instead,
 * under a hidden name, since ONNX Runtime looks for the data in the model's folder and follows no
 * links out of it.
 */
final class ModelCopy implements AutoCloseable {
  private static final AtomicLong NEXT = new AtomicLong();

  private final Path file;
  private final Path folder;

  private ModelCopy(Path file, Path folder) {
    this.file = file;
    this.folder = folder;
  }

  static boolean hasExternalData(ModelFile model) {
    return model.graph().initializers().values().stream().anyMatch(Initializer::external);
  }

  static ModelCopy of(ModelFile model, ModelEdit edit) throws IOException {
    Path original = model.path().orElseThrow().toAbsolutePath();
    return hasExternalData(model) ? beside(original, edit) : inPrivateFolder(original, edit);
  }

  private static ModelCopy inPrivateFolder(Path original, ModelEdit edit) throws IOException {
    Path folder = Files.createTempDirectory("sparsescope-");
    return written(new ModelCopy(folder.resolve(original.getFileName()), folder), edit);
  }

  private static ModelCopy beside(Path original, ModelEdit edit) {
    String name =
        ".sparsescope-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet() + ".onnx";
    return written(new ModelCopy(original.resolveSibling(name), null), edit);
  }

  private static ModelCopy written(ModelCopy copy, ModelEdit edit) {
    try {
      edit.writeTo(copy.file);
      return copy;
    } catch (Throwable t) {
      copy.close();
      throw t;
    }
  }

  Path file() {
    return file;
  }

  /** Deletes the file and the folder made for it; what cannot be deleted now is at exit. */
  @Override
  public void close() {
    delete(file);
    if (folder != null) {
      delete(folder);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException | RuntimeException e) {
      path.toFile().deleteOnExit();
    }
  }
}
