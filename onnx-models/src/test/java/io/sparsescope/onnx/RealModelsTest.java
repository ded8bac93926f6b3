package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealModelsTest {
  @TempDir Path folder;

  @Test
  void scansTheSharedModelsAndCopiesThemByteForByte() throws IOException {
    Path shared = RealModels.shared();
    assumeTrue(shared != null);
    List<Path> models =
        RealModels.modelsIn(shared).stream()
            .filter(model -> !model.toString().contains("malformed"))
            .toList();
    assertThat(models).hasSizeGreaterThanOrEqualTo(8);
    for (Path model : models) {
      agreesWithProtobuf(model);
    }
  }

  @Test
  void scansTheBackendSuiteAndCopiesItByteForByte() throws IOException {
    List<Path> models = RealModels.backendSuite();
    assumeTrue(!models.isEmpty());
    for (Path model : models) {
      agreesWithProtobuf(model);
    }
    System.out.println("scanned " + models.size() + " models of the backend suite");
  }

  @Test
  void refusesAModelWithoutOpsetImport() {
    Path shared = RealModels.shared();
    assumeTrue(shared != null);
    Path model = shared.resolve("malformed/super_resolution.onnx");
    assertThatThrownBy(() -> ModelFile.open(model))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("super_resolution.onnx: ")
        .hasMessageContaining("opset");
  }

  @Test
  void countsTheNonZeroWeightsOfTheDeepCompressionSqueezeNet() {
    Path shared = RealModels.shared();
    assumeTrue(shared != null);
    try (ModelFile model = ModelFile.open(shared.resolve("squeezenet_dc/squeezenet_dc.onnx"))) {
      long[] counts = new long[2];
      for (Initializer initializer : model.graph().initializers().values()) {
        if (initializer.dims().size() > 1) {
          model
              .data(initializer)
              .forEachChunk(
                  chunk -> {
                    while (chunk.hasRemaining()) {
                      counts[chunk.getFloat() == 0 ? 0 : 1]++;
                    }
                  });
        }
      }
      // The figures of the decoder that made the model.
      assertThat(counts[1]).isEqualTo(415_921);
      assertThat(counts[0] + counts[1]).isEqualTo(1_244_448);
    }
  }

  private void agreesWithProtobuf(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    GraphProto graph = ModelProto.parseFrom(bytes).getGraph();
    try (ModelFile model = ModelFile.open(path)) {
      assertThat(model.graph().nodes()).hasSize(graph.getNodeCount());
      assertThat(model.graph().inputs()).isEqualTo(graph.getInputList());
      assertThat(model.graph().outputs()).isEqualTo(graph.getOutputList());
      assertThat(model.scan().dense()).hasSize(graph.getInitializerCount());
      for (int i = 0; i < graph.getInitializerCount(); i++) {
        TensorProto tensor = graph.getInitializer(i);
        Initializer found = model.scan().dense().get(i).initializer();
        assertThat(found.name()).isEqualTo(tensor.getName());
        assertThat(found.dims()).isEqualTo(tensor.getDimsList());
        if (tensor.hasRawData()) {
          assertThat(model.data(found).toBuffer())
              .isEqualTo(ByteBuffer.wrap(tensor.getRawData().toByteArray()));
        } else if (tensor.getFloatDataCount() > 0) {
          ByteBuffer values = model.data(found).toBuffer();
          for (float value : tensor.getFloatDataList()) {
            assertThat(values.getFloat()).isEqualTo(value);
          }
        }
      }
      model.validate();
      Path copy = folder.resolve("copy.onnx");
      new ModelEdit(model).writeTo(copy);
      assertThat(Files.mismatch(path, copy)).isEqualTo(-1);
      assertThat(new ModelEdit(model).toBytes()).isEqualTo(bytes);
      assertThat(new ModelEdit(model).toDirectBuffer()).isEqualTo(ByteBuffer.wrap(bytes));
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left).containsExactly(copy);
      }
    }
  }
}
