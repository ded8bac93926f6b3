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
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
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
  void remembersTheDigestOfAFileUntilThatChanges() throws Exception {
    byte[] bytes = model(16);
    Path file = Files.write(folder.resolve("m.onnx"), bytes);
    FileStamp first = FileStamp.of(file).orElseThrow();
    KnownDigests known = new KnownDigests(() -> first.changed().toMillis() + 60_000);
    assertThat(digest(file, known)).isEqualTo(sha256(bytes));
    assertThat(known.get(first)).isEqualTo(sha256(bytes));
    known.put(first, "remembered");
    assertThat(digest(file, known)).isEqualTo("remembered");

    FileTime modified = Files.getLastModifiedTime(file);
    byte[] others = bytes.clone();
    others[others.length - 1] ^= 1;
    // As soon as the file system's clock has moved on.
    while (FileStamp.of(file).orElseThrow().equals(first)) {
      Files.write(file, others);
      Files.setLastModifiedTime(file, modified);
    }

    assertThat(digest(file, known)).isEqualTo(sha256(Files.readAllBytes(file)));
  }

  @Test
  void remembersNoFileThatMayChangeWithoutBeingSeenTo() throws Exception {
    byte[] bytes = model(16);
    Path file = Files.write(folder.resolve("m.onnx"), bytes);
    FileStamp stamp = FileStamp.of(file).orElseThrow();
    KnownDigests known = new KnownDigests(() -> stamp.changed().toMillis() + 1000);

    assertThat(digest(file, known)).isEqualTo(sha256(bytes));

    assertThat(known.get(stamp)).isNull();
  }

  @Test
  void remembersNoFileThatWasReplacedAsItWasOpened() throws Exception {
    Path file = Files.write(folder.resolve("m.onnx"), model(16));
    Path old = Files.write(folder.resolve("old.onnx"), model(32));
    FileStamp other = FileStamp.of(old).orElseThrow();
    KnownDigests known = new KnownDigests(() -> other.changed().toMillis() + 60_000);
    known.put(other, "of the other");
    try (ModelFile model = ModelFile.open(file)) {
      String digest = ModelIdentity.of("m", model, Optional.of(other), known).get().sha256();
      assertThat(digest).isEqualTo(sha256(Files.readAllBytes(file)));
    }
  }

  private static String digest(Path file, KnownDigests known) {
    Optional<FileStamp> stamp = FileStamp.of(file);
    try (ModelFile model = ModelFile.open(file)) {
      return ModelIdentity.of("m", model, stamp, known).get().sha256();
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
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
