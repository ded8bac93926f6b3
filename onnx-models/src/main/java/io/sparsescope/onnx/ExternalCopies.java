package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How the external data that an edited model still needs comes to where it is written: not at all
 * in the model's own folder, else as copies of the files.
 */
final class ExternalCopies {
  private final Map<String, String> referenced;
  private final Map<String, String> needed;
  private final ExternalFolder source;
  private final Path folder;
  private final boolean stays;

  ExternalCopies(ModelFile model, Changes changes, Path folder) throws IOException {
    this.folder = folder;
    this.referenced = ExternalReferences.of(model, Set.of());
    this.needed = ExternalReferences.of(model, changes.mapped.keySet());
    this.source = model.reader().folder();
    this.stays = source == null || Files.isSameFile(folder, source.folder());
  }

  /** Whether the file is one of the model's external data files. */
  boolean contains(Path file) throws IOException {
    if (source != null) {
      for (String location : referenced.keySet()) {
        Path other = lenient(location);
        if (other != null && Files.exists(other) && Files.isSameFile(file, other)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a file of that name, beside the output, belongs to the model's external data. */
  boolean isTaken(String name) throws IOException {
    for (Map.Entry<String, String> entry : needed.entrySet()) {
      if (!stays
          && ExternalFolder.relative(entry.getKey(), entry.getValue()).equals(Path.of(name))) {
        return true;
      }
    }
    Path file = folder.resolve(name);
    return Files.exists(file) && contains(file);
  }

  /**
   * @throws OnnxException if a file is missing, or another one is where it would go
   */
  void stage(StagedFiles files) throws IOException {
    if (stays) {
      return;
    }
    Map<Path, Path> copies = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : needed.entrySet()) {
      Path relative = ExternalFolder.relative(entry.getKey(), entry.getValue());
      copies.put(folder.resolve(relative), source.resolve(entry.getKey(), entry.getValue()));
    }
    for (Map.Entry<Path, Path> copy : copies.entrySet()) {
      Path from = copy.getValue();
      Path to = copy.getKey();
      Files.createDirectories(to.getParent());
      if (!to.getParent().toRealPath().startsWith(folder.toRealPath())) {
        throw new OnnxException(
            to + ": cannot be written: a link leads out of the output's folder; remove it");
      }
      if (!Files.exists(to)) {
        files.stage(to, channel -> FileCopy.copy(from, channel));
      } else if (!FileCopy.sameContent(from, to)) {
        throw new OnnxException(
            to
                + ": is in the way: another file of that name than the model's external data; choose"
                + " another folder for the output or remove it");
      }
    }
  }

  /** The file a location means, refused ones included; null if it is no path at all. */
  private Path lenient(String location) {
    try {
      return source.folder().resolve(location);
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
