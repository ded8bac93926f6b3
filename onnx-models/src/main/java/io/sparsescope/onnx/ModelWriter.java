package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes an edited model to a file, with the external data it needs there. */
final class ModelWriter {
  private final ModelFile model;
  private final Changes changes;
  private final Path out;
  private final Path folder;

  ModelWriter(ModelFile model, Changes changes, Path out) {
    this.model = model;
    this.changes = changes;
    this.out = out.toAbsolutePath();
    this.folder = this.out.getParent();
  }

  void write() {
    try {
      checkFolder();
      ExternalCopies copies = new ExternalCopies(model, changes, folder);
      checkTarget(copies);
      DataFile data = new DataFile(dataName(copies));
      Parts parts = new EditedModel(model, changes, data).parts();
      try (StagedFiles files = new StagedFiles()) {
        copies.stage(files);
        if (!data.isEmpty()) {
          files.stage(
              folder.resolve(data.location()),
              channel -> {
                FileSink sink = new FileSink(channel);
                data.write(sink);
                sink.flush();
              });
        }
        files.stage(
            out,
            channel -> {
              FileSink sink = new FileSink(channel);
              parts.write(sink);
              sink.flush();
            });
        files.commit();
      }
    } catch (IOException e) {
      throw new OnnxException(
          out
              + ": cannot be written: "
              + Failures.reason(e)
              + "; nothing was left behind, choose another place or make room",
          e);
    }
  }

  private void checkFolder() {
    if (folder == null || out.getFileName() == null || !Files.isDirectory(folder)) {
      throw new OnnxException(out + ": cannot be written: its folder does not exist; create it");
    }
  }

  private void checkTarget(ExternalCopies copies) throws IOException {
    if (!Files.exists(out)) {
      return;
    }
    if (!Files.isRegularFile(out)) {
      throw new OnnxException(
          out + ": cannot be written: it exists and is not a file; name another output");
    }
    if (model.path().isPresent() && Files.isSameFile(out, model.path().get())) {
      throw new OnnxException(
          out + ": is the model itself, which is never overwritten; name another output");
    }
    if (copies.contains(out)) {
      throw new OnnxException(
          out + ": holds the model's external data and is never overwritten; name another output");
    }
  }

  /** A name for new external data that nothing else of the model has. */
  private String dataName(ExternalCopies copies) throws IOException {
    String base = String.valueOf(out.getFileName());
    String name = base + ".data";
    for (int i = 1; copies.isTaken(name); i++) {
      name = base + "." + i + ".data";
    }
    return name;
  }
}
