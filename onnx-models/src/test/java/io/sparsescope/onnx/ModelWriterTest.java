package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelWriterTest {
  @TempDir Path folder;

  private ModelFile model() {
    return ModelFile.open(Samples.chain().writeTo(folder.resolve("in.onnx")));
  }

  private ModelEdit edit(ModelFile model) {
    ModelEdit edit = new ModelEdit(model);
    edit.putMetadata("a", "b");
    return edit;
  }

  private void refuses(ModelEdit edit, Path out, String... words) {
    assertThatThrownBy(() -> edit.writeTo(out))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith(out.toString())
        .hasMessageContainingAll(words);
  }

  @Test
  void neverOverwritesTheModel() throws IOException {
    try (ModelFile model = model()) {
      Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), folder.resolve("in.onnx"));
      Path hard = Files.createLink(folder.resolve("hard.onnx"), folder.resolve("in.onnx"));
      refuses(edit(model), folder.resolve("in.onnx"), "the model itself");
      refuses(edit(model), link, "the model itself");
      refuses(edit(model), hard, "the model itself");
      assertThat(Files.readAllBytes(folder.resolve("in.onnx")))
          .isEqualTo(Samples.chain().toBytes());
    }
  }

  @Test
  void neverOverwritesTheModelsWeights() throws IOException {
    Files.write(folder.resolve("w.bin"), new byte[16]);
    Path path = Samples.external("w.bin", 0, 16).writeTo(folder.resolve("in.onnx"));
    try (ModelFile model = ModelFile.open(path)) {
      refuses(edit(model), folder.resolve("w.bin"), "external data");
    }
    assertThat(folder.resolve("w.bin")).hasSize(16);
  }

  @Test
  void refusesTargetsThatCannotBeWritten() throws IOException {
    try (ModelFile model = model()) {
      Files.createDirectory(folder.resolve("folder"));
      refuses(edit(model), folder.resolve("folder"), "not a file");
      refuses(edit(model), folder.resolve("nowhere/out.onnx"), "folder does not exist");
      refuses(edit(model), folder.resolve("in.onnx/out.onnx"), "folder does not exist");
    }
  }

  @Test
  void replacesAnOlderOutput() throws IOException {
    Path out = folder.resolve("out.onnx");
    Files.writeString(out, "old");
    try (ModelFile model = model()) {
      edit(model).writeTo(out);
    }
    try (ModelFile written = ModelFile.open(out)) {
      assertThat(written.metadata()).containsEntry("a", "b");
    }
  }

  @Test
  void leavesNothingBehindWhenWritingFails() throws IOException {
    try (ModelFile model = model()) {
      ModelEdit edit = new ModelEdit(model);
      edit.mapInitializer(
          model.graph().initializers().get("w"),
          chunk -> {
            throw new IllegalStateException("halfway");
          });
      assertThatThrownBy(() -> edit.writeTo(folder.resolve("out.onnx")))
          .isInstanceOf(IllegalStateException.class);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("in.onnx"));
    }
  }

  @Test
  void sayThatAClosedModelIsClosed() {
    ModelFile model = model();
    model.close();
    Initializer w = model.graph().initializers().get("w");
    assertThatThrownBy(() -> model.data(w).toBuffer())
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> edit(model).writeTo(folder.resolve("out.onnx")))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("closed");
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @Test
  void namesWhatIsNotThereOrNoFile() {
    assertThatThrownBy(() -> ModelFile.open(folder.resolve("none.onnx")))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("none.onnx")
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> ModelFile.open(folder))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("not a file");
  }

  @Test
  void digestsTheModelsBytes() throws NoSuchAlgorithmException {
    byte[] bytes = Samples.constants().toBytes();
    String expected = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    assertThat(ModelFile.of("m", bytes).sha256()).isEqualTo(expected);
  }
}
