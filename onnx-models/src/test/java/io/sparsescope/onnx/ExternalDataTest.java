package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  private static final float[] ONES = {1, 1, 1, 1};

  @TempDir Path root;
  private Path folder;
  private Path other;

  @BeforeEach
  void makeFolders() throws IOException {
    folder = Files.createDirectory(root.resolve("models"));
    other = Files.createDirectory(root.resolve("elsewhere"));
  }

  @Test
  void valuesAreReadFromTheirFile() throws IOException {
    weights(folder.resolve("data/w.bin"), 8, 1, -2, 3, -4);
    try (ModelFile model = open("data/w.bin", 8, 16)) {
      assertThat(values(model)).containsExactly(1, -2, 3, -4);
      assertThat(model.graph().initializers().get("w").external()).isTrue();
    }
  }

  @Test
  void referencesStayInTheModelsFolder() throws IOException, OrtException {
    weights(folder.resolve("w.bin"), 0, 1, -2, 3, -4);
    Path out = folder.resolve("out.onnx");
    try (ModelFile model = open("w.bin", 0, 16)) {
      ModelEdit edit = new ModelEdit(model);
      edit.putMetadata("a", "b");
      edit.writeTo(out);
    }
    assertThat(names(folder)).containsExactly("model.onnx", "out.onnx", "w.bin");
    assertThat(OrtRuns.run(out, ONES)).containsExactly(1, -2, 3, -4);
  }

  @Test
  void filesAreCopiedToAnotherFolder() throws IOException, OrtException {
    weights(folder.resolve("data/w.bin"), 0, 1, -2, 3, -4);
    Path out = other.resolve("out.onnx");
    try (ModelFile model = open("data/w.bin", 0, 16)) {
      new ModelEdit(model).writeTo(out);
      // Again: the same content is in the way of nobody.
      new ModelEdit(model).writeTo(out);
    }
    assertThat(Files.mismatch(folder.resolve("data/w.bin"), other.resolve("data/w.bin")))
        .isEqualTo(-1);
    assertThat(OrtRuns.run(out, ONES)).containsExactly(1, -2, 3, -4);
  }

  @Test
  void anotherFileInTheWayIsNotOverwritten() throws IOException {
    weights(folder.resolve("w.bin"), 0, 1, -2, 3, -4);
    weights(other.resolve("w.bin"), 0, 9, 9, 9, 9);
    try (ModelFile model = open("w.bin", 0, 16)) {
      assertThatThrownBy(() -> new ModelEdit(model).writeTo(other.resolve("out.onnx")))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("w.bin")
          .hasMessageContaining("in the way");
    }
    assertThat(names(other)).containsExactly("w.bin");
  }

  @Test
  void changedValuesGoToAFileOfTheirOwn() throws IOException, OrtException {
    weights(folder.resolve("w.bin"), 0, 1, -2, 3, -4);
    for (Path out : List.of(folder.resolve("out.onnx"), other.resolve("out.onnx"))) {
      try (ModelFile model = open("w.bin", 0, 16)) {
        ModelEdit edit = new ModelEdit(model);
        edit.mapInitializer(model.graph().initializers().get("w"), chunk -> chunk.putFloat(4, 0));
        edit.writeTo(out);
        assertThat(OrtRuns.run(edit.toBytes(), ONES)).containsExactly(1, 0, 3, -4);
      }
      assertThat(OrtRuns.run(out, ONES)).containsExactly(1, 0, 3, -4);
      try (ModelFile written = ModelFile.open(out)) {
        assertThat(written.scan().dense().get(0).values().external())
            .containsEntry("location", "out.onnx.data")
            .containsEntry("length", "16");
      }
    }
    assertThat(names(other)).containsExactly("out.onnx", "out.onnx.data");
    assertThat(values(folder.resolve("w.bin"))).containsExactly(1, -2, 3, -4);
  }

  @Test
  void newDataNeverTakesTheNameOfOld() throws IOException {
    weights(folder.resolve("out.onnx.data"), 0, 1, -2, 3, -4);
    try (ModelFile model = open("out.onnx.data", 0, 16)) {
      ModelEdit edit = new ModelEdit(model);
      edit.mapInitializer(model.graph().initializers().get("w"), chunk -> chunk.putFloat(4, 0));
      edit.writeTo(folder.resolve("out.onnx"));
    }
    assertThat(names(folder))
        .containsExactly("model.onnx", "out.onnx", "out.onnx.1.data", "out.onnx.data");
    assertThat(values(folder.resolve("out.onnx.data"))).containsExactly(1, -2, 3, -4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../w.bin", "a/../../w.bin", "/etc/hostname", "..", ".", "a\u0000b"})
  void locationsOutsideTheFolderAreRefused(String location) throws IOException {
    weights(root.resolve("w.bin"), 0, 1, -2, 3, -4);
    try (ModelFile model = open(location, 0, 16)) {
      refuses(model, "location");
      assertThatThrownBy(() -> new ModelEdit(model).writeTo(other.resolve("out.onnx")))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("'w'");
    }
    assertThat(names(other)).isEmpty();
  }

  @Test
  void linksOutOfTheFolderAreRefused() throws IOException {
    weights(root.resolve("w.bin"), 0, 1, -2, 3, -4);
    Files.createSymbolicLink(folder.resolve("w.bin"), root.resolve("w.bin"));
    try (ModelFile model = open("w.bin", 0, 16)) {
      refuses(model, "link");
    }
  }

  @Test
  void aModelThatIsALinkHasItsDataBesideWhatItLinksTo() throws IOException {
    weights(folder.resolve("blob"), 0, 1, -2, 3, -4);
    Path model = Samples.external("w.bin", 0, 16).writeTo(folder.resolve("model.onnx"));
    Files.createSymbolicLink(other.resolve("model.onnx"), model);
    Files.createSymbolicLink(other.resolve("w.bin"), folder.resolve("blob"));
    try (ModelFile linked = ModelFile.open(other.resolve("model.onnx"))) {
      assertThat(values(linked)).containsExactly(1, -2, 3, -4);
    }
  }

  @Test
  void missingAndShortFilesAreNamed() throws IOException {
    try (ModelFile model = open("w.bin", 0, 16)) {
      refuses(model, "no such file");
    }
    weights(folder.resolve("w.bin"), 0, 1, -2, 3);
    try (ModelFile model = open("w.bin", 0, 16)) {
      refuses(model, "which has 12");
    }
    Files.delete(folder.resolve("w.bin"));
    Files.createDirectory(folder.resolve("w.bin"));
    try (ModelFile model = open("w.bin", 0, 16)) {
      refuses(model, "not a file");
    }
  }

  @Test
  void aLengthThatDoesNotFitTheShapeIsRefused() throws IOException {
    weights(folder.resolve("w.bin"), 0, 1, -2, 3, -4);
    try (ModelFile model = open("w.bin", 0, 12)) {
      assertThatThrownBy(() -> values(model))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("12 bytes");
    }
  }

  @Test
  void aModelFromMemoryHasAGraphButNoExternalValues() {
    ModelFile model = Samples.external("w.bin", 0, 16).toModel("m");
    assertThat(model.graph().nodes()).hasSize(1);
    assertThatThrownBy(() -> values(model))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'w'")
        .hasMessageContaining("open the model from its path");
  }

  @Test
  void holesInExternalFilesArriveAsZeros() throws IOException {
    byte[] content = new byte[5 << 20];
    content[3 << 20] = 1;
    content[(1 << 20) + 5000] = 2;
    Path from = root.resolve("holes");
    Files.write(from, content);
    Path to = root.resolve("copy");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(to, channel -> FileCopy.copy(from, channel));
      files.commit();
    }
    assertThat(Files.mismatch(from, to)).isEqualTo(-1);
  }

  private ModelFile open(String location, long offset, long length) {
    return ModelFile.open(
        Samples.external(location, offset, length).writeTo(folder.resolve("model.onnx")));
  }

  private static void refuses(ModelFile model, String why) {
    assertThatThrownBy(() -> values(model))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("model.onnx: initializer 'w'")
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }

  private static float[] values(ModelFile model) {
    return floats(model.data(model.graph().initializers().get("w")).toBuffer());
  }

  private static float[] values(Path file) throws IOException {
    return floats(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static float[] floats(ByteBuffer bytes) {
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static void weights(Path file, int offset, float... values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(offset + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(offset);
    for (float value : values) {
      bytes.putFloat(value);
    }
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.array());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
