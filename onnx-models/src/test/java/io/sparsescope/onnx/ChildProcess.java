package io.sparsescope.onnx;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;

/** Run in a JVM of its own by {@link LimitsTest}: the edit that is given what little there is. */
final class ChildProcess {
  private ChildProcess() {}

  /** Arguments: a folder, and what to do there. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    try {
      switch (args[1]) {
        case "write" -> write(folder);
        case "external" -> external(folder);
        default -> throw new IllegalArgumentException(args[1]);
      }
      System.out.println("done");
    } catch (OnnxException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  /** Edits a model and changes all its weights. */
  private static void write(Path folder) {
    try (ModelFile model = ModelFile.open(folder.resolve("in.onnx"))) {
      ModelEdit edit = new ModelEdit(model);
      edit.insertAfter(
          model.graph().nodes().get(0),
          List.of(Nodes.node("Neg", List.of("s"), List.of("t"), "negate")));
      edit.check();
      edit.writeTo(folder.resolve("plain.onnx"));
      edit.mapInitializer(model.graph().initializers().get("w"), chunk -> chunk.put(0, (byte) 0));
      edit.writeTo(folder.resolve("out.onnx"));
      model.sha256();
    }
  }

  private static void external(Path folder) throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(folder.resolve("w.bin").toFile(), "rw")) {
      data.setLength(3L << 30);
    }
    try (ModelFile model = ModelFile.open(folder.resolve("in.onnx"))) {
      ModelEdit edit = new ModelEdit(model);
      edit.putMetadata("a", "b");
      edit.check();
      edit.writeTo(folder.resolve("out.onnx"));
    }
  }
}
