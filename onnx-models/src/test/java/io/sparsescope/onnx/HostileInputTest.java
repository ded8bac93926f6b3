package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileInputTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello, this is a text file\nof two lines\n",
        "\u00ff\u00d8\u00ff\u00e0\u0000\u0010JFIF",
        "PK\u0003\u0004",
        "{\"a\": 1}",
        "\u0008\u0007"
      })
  void refusesWhatIsNoModel(String content) {
    assertThatThrownBy(() -> ModelFile.of("picture", content.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("picture: ")
        .hasMessageContaining("ONNX model");
  }

  @Test
  void refusesLengthsBeyondTheEndWithoutTakingMemory() {
    byte[] bytes = concat(new byte[] {8, 8, 0x3a}, varint(1L << 40), new byte[10]);
    assertThatThrownBy(() -> ModelFile.of("m", bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("at byte 2");
  }

  @Test
  void refusesNumbersOfTooManyBytes() {
    byte[] bytes = new byte[20];
    Arrays.fill(bytes, (byte) 0x80);
    bytes[0] = 8;
    assertThatThrownBy(() -> ModelFile.of("m", bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("ten bytes");
  }

  @Test
  void refusesGroups() {
    assertThatThrownBy(() -> ModelFile.of("m", new byte[] {0x3b, 0x3c}))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("wire type 3");
  }

  @Test
  void refusesNegativeDimensions() {
    TensorProto tensor = Tensors.of("weights", ElementType.FLOAT).addDims(-3).build();
    assertThatThrownBy(() -> withInitializer(tensor))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("weights")
        .hasMessageContaining("-3");
  }

  @Test
  void refusesShapesWhoseSizeOverflows() {
    TensorProto tensor =
        Tensors.of("weights", ElementType.FLOAT, 1L << 40, 1L << 40).setName("weights").build();
    assertThatThrownBy(() -> withInitializer(tensor))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("weights")
        .hasMessageContaining("shape");
  }

  @Test
  void refusesHugeShapesWithoutValuesWithoutTakingMemory() {
    ModelFile model = withInitializer(Tensors.of("weights", ElementType.FLOAT, 1L << 50).build());
    Initializer weights = model.graph().initializers().get("weights");
    assertThat(weights.elements()).isEqualTo(1L << 50);
    assertThatThrownBy(() -> model.data(weights).forEachChunk(chunk -> {}))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("weights");
  }

  @Test
  void refusesGraphsNestedTooDeep() throws IOException {
    GraphProto graph = GraphProto.getDefaultInstance();
    for (int i = 0; i < 200; i++) {
      graph =
          GraphProto.newBuilder()
              .addNode(Nodes.node("If", List.of(), List.of(), "if", Nodes.graph("body", graph)))
              .build();
    }
    byte[] bytes = ModelBuilder.model(13).build().toBuilder().setGraph(graph).build().toByteArray();
    assertThatThrownBy(() -> ModelFile.of("deep", bytes)).isInstanceOf(OnnxException.class);
  }

  @Test
  void refusesModelsWithoutIrVersionOrOpset() {
    ModelProto model = Samples.chain().build();
    assertThatThrownBy(
            () -> ModelFile.of("m", model.toBuilder().clearIrVersion().build().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("ir_version");
    assertThatThrownBy(
            () -> ModelFile.of("m", model.toBuilder().clearOpsetImport().build().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("opset_import");
  }

  private static ModelFile withInitializer(TensorProto tensor) {
    return ModelFile.of("m", ModelBuilder.model(13).initializer(tensor).toBytes());
  }

  private static byte[] varint(long value) {
    byte[] bytes = new byte[CodedOutputStream.computeUInt64SizeNoTag(value)];
    try {
      CodedOutputStream.newInstance(bytes).writeUInt64NoTag(value);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes;
  }

  private static byte[] concat(byte[]... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }
}
