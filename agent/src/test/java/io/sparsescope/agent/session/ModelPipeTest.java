package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.sparsescope.agent.nativecount.NativeCounting;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("native-library")
@Timeout(60)
class ModelPipeTest {
  @TempDir Path folder;

  @BeforeEach
  void needsTheLibrary() {
    boolean loaded = NativeCounting.load().isLoaded();
    if (!loaded) {
      System.out.println("NOTICE: the agent has no native library here: pipes are not tested");
    }
    assumeTrue(loaded);
  }

  @Test
  void holdsTheEditedModel() throws IOException {
    try (ModelFile model = model();
        ModelPipe pipe = ModelPipe.of(edit(model))) {
      byte[] read = Files.readAllBytes(Path.of(pipe.path()));
      pipe.requireComplete();
      ModelProto expected =
          ModelProto.parseFrom(Files.readAllBytes(folder.resolve("m.onnx"))).toBuilder()
              .addMetadataProps(StringStringEntryProto.newBuilder().setKey("k").setValue("v"))
              .build();
      assertThat(ModelProto.parseFrom(read)).isEqualTo(expected);
    }
  }

  @Test
  void aSecondReaderFindsNothingAndDoesNotWait() throws IOException {
    try (ModelFile model = model();
        ModelPipe pipe = ModelPipe.of(edit(model))) {
      assertThat(Files.readAllBytes(Path.of(pipe.path()))).isNotEmpty();
      assertThat(Files.readAllBytes(Path.of(pipe.path()))).isEmpty();
    }
  }

  @Test
  void knowsThatItWasNotReadToItsEnd() throws IOException {
    try (ModelFile model = model()) {
      ModelPipe pipe = ModelPipe.of(edit(model));
      try (InputStream in = Files.newInputStream(Path.of(pipe.path()))) {
        assertThat(in.readNBytes(10)).hasSize(10);
      }
      assertThatThrownBy(pipe::requireComplete).isInstanceOf(IOException.class);
      pipe.close();
      assertThatThrownBy(pipe::requireComplete).hasMessageContaining("not read to its end");
    }
  }

  @Test
  void closesAlsoIfNobodyEverReads() throws IOException {
    try (ModelFile model = model()) {
      ModelPipe pipe = ModelPipe.of(edit(model));
      long start = System.nanoTime();
      pipe.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
      assertThatThrownBy(pipe::requireComplete).isInstanceOf(IOException.class);
    }
  }

  private static ModelEdit edit(ModelFile model) {
    ModelEdit edit = new ModelEdit(model);
    edit.putMetadata("k", "v");
    return edit;
  }

  /** Several times as large as a pipe. */
  private ModelFile model() throws IOException {
    byte[] weights = new byte[5 << 20];
    new Random(1).nextBytes(weights);
    TensorProto tensor =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(weights.length / 4)
            .setRawData(ByteString.copyFrom(weights))
            .build();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
            .setGraph(GraphProto.newBuilder().setName("g").addInitializer(tensor))
            .build();
    Path file = folder.resolve("m.onnx");
    Files.write(file, model.toByteArray());
    return ModelFile.open(file);
  }
}
