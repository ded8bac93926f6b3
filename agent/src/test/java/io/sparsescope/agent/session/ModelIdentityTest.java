package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.profile.ModelInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelIdentityTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {16, 9 << 20})
  void isTheDigestOfAllBytesForSmallModelsAndForLargeOnes(int weights) throws Exception {
    byte[] bytes = model(weights);
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    Path file = Files.write(folder.resolve("m.onnx"), bytes);
    try (ModelFile model = ModelFile.open(file)) {
      ModelIdentity identity = ModelIdentity.of("m.onnx", model);

      assertThat(identity.get()).isEqualTo(new ModelInfo("m.onnx", digest, "graph", 13));
      identity.settle();
    }
  }

  @Test
  void keepsTheInterruptOfWhoeverWaitsAndAnswersAllTheSame() throws Exception {
    try (ModelFile model = ModelFile.of("m", model(9 << 20))) {
      ModelIdentity identity = ModelIdentity.of("m", model);
      Thread.currentThread().interrupt();

      ModelInfo info = identity.get();

      assertThat(Thread.interrupted()).isTrue();
      assertThat(info.sha256()).hasSize(64);
    }
  }

  @Test
  void saysThatTheModelCannotBeReadAndSettlesThen() throws Exception {
    Path file = Files.write(folder.resolve("m.onnx"), model(16));
    ModelFile model = ModelFile.open(file);
    model.close();
    ModelIdentity identity = ModelIdentity.of("m.onnx", model);

    assertThatThrownBy(identity::get)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("cannot be read");
    identity.settle();
  }

  private static byte[] model(int weights) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
        .setGraph(
            GraphProto.newBuilder()
                .setName("graph")
                .addInitializer(
                    TensorProto.newBuilder()
                        .setName("w")
                        .setDataType(1)
                        .addDims(weights / 4)
                        .setRawData(ByteString.copyFrom(new byte[weights]))))
        .build()
        .toByteArray();
  }
}
