package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The folder of a model, in which its external data lies; nothing outside it is ever read. */
final class ExternalFolder {
  private final Path model;
  private final Path folder;

  ExternalFolder(Path model) {
    this.model = model.toAbsolutePath();
    this.folder = this.model.getParent();
  }

  Path folder() {
    return folder;
  }

  /**
   * A location as a path relative to the folder.
   *
   * @param where model and initializer, for messages
   * @throws OnnxException if it is absolute or leads out of the folder
   */
  static Path relative(String location, String where) {
    Path path;
    try {
      path = Path.of(location);
    } catch (InvalidPathException e) {
      throw refused(location, where, "is not a path");
    }
    if (path.isAbsolute()) {
      throw refused(location, where, "is an absolute path");
    }
    Path normal = path.normalize();
    if (normal.startsWith("..") || normal.toString().isEmpty()) {
      throw refused(location, where, "leads out of the model's folder");
    }
    return normal;
  }

  /**
   * The file at a location.
   *
   * @throws OnnxException if it is missing, no file, or not within the folder
   */
  Path resolve(String location, String where) {
    Path file = folder.resolve(relative(location, where));
    try {
      Path real = file.toRealPath();
      // A model that is itself a link, as in model caches, has its data beside what it links to.
      if (!real.startsWith(folder.toRealPath())
          && !real.startsWith(model.toRealPath().getParent())) {
        throw refused(location, where, "is a link that leads out of the model's folder");
      }
      if (!Files.isRegularFile(real)) {
        throw refused(location, where, "is not a file");
      }
      return real;
    } catch (IOException e) {
      throw new OnnxException(
          where
              + ": its external data file "
              + file
              + " cannot be read ("
              + Failures.reason(e)
              + "); put the file beside the model",
          e);
    }
  }

  private static OnnxException refused(String location, String where, String why) {
    return new OnnxException(
        where
            + ": its external data location '"
            + Failures.oneLine(location)
            + "' "
            + why
            + "; move the file into the model's folder and export the model again");
  }
}
