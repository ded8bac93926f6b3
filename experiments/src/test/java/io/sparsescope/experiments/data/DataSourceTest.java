package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class DataSourceTest {
  private static final InputSpec CIFAR = input(ElementType.FLOAT, -1, 3, 32, 32);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz", ".xz"})
  void readsIdxFiles(String suffix) throws IOException {
    idx("t10k", suffix, 3);
    idx("train", suffix, 5);
    InputSpec input = input(ElementType.FLOAT, -1, 1, 2, 2);
    try (DataSource source = open("idx:" + folder, input, DataOptions.NONE)) {
      assertThat(source.size()).hasValue(3);
      Batch batch = source.next(2).orElseThrow();
      assertThat(batch.count()).isEqualTo(2);
      assertThat(batch.labels()).containsExactly(0, 1);
      TensorValue value = batch.inputs().get("x");
      assertThat(value.shape()).containsExactly(2L, 1L, 2L, 2L);
      assertThat(floats(value)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
      Batch last = source.next(2).orElseThrow();
      assertThat(last.count()).isEqualTo(1);
      assertThat(last.inputs().get("x").shape()).containsExactly(1L, 1L, 2L, 2L);
      assertThat(floats(last.inputs().get("x"))).containsExactly(8, 9, 10, 11);
      assertThat(source.next(2)).isEmpty();
    }
    try (DataSource source = open("idx:" + folder + "#train", input, DataOptions.NONE)) {
      assertThat(source.size()).hasValue(5);
    }
  }

  @Test
  void reshapesImagesToWhatTheModelTakes() throws IOException {
    idx("t10k", "", 3);
    try (DataSource flat =
        open("idx:" + folder, input(ElementType.FLOAT, -1, 4), DataOptions.NONE)) {
      assertThat(flat.next(3).orElseThrow().inputs().get("x").shape()).containsExactly(3L, 4L);
    }
    try (DataSource grey =
        open("idx:" + folder, input(ElementType.FLOAT, -1, 2, 2), DataOptions.NONE)) {
      assertThat(grey.next(3).orElseThrow().inputs().get("x").shape()).containsExactly(3L, 2L, 2L);
    }
    try (DataSource bytes =
        open("idx:" + folder, input(ElementType.UINT8, -1, 1, 2, 2), DataOptions.NONE)) {
      assertThat(bytes.next(1).orElseThrow().inputs().get("x").data().get(3)).isEqualTo((byte) 3);
    }
    assertFails(
        "idx:" + folder, input(ElementType.FLOAT, -1, 1, 3, 3), "do not fit the model's input x");
  }

  @Test
  void feedsAFixedBatchAndLeavesTheRestOut() throws IOException {
    idx("t10k", "", 5);
    try (DataSource source =
        open("idx:" + folder, input(ElementType.FLOAT, 2, 1, 2, 2), DataOptions.NONE)) {
      assertThat(source.next(100).orElseThrow().count()).isEqualTo(2);
      assertThat(source.next(100).orElseThrow().count()).isEqualTo(2);
      assertThat(source.next(100)).isEmpty();
      assertThat(source.notices())
          .containsExactly("the last 1 records were left out: the model takes 2 at a time");
    }
  }

  @Test
  void keepsAllRecordsToBeFedInAnyOrder() throws IOException {
    idx("t10k", "", 3);
    idx("train", "", 5);
    InputSpec input = input(ElementType.FLOAT, -1, 1, 2, 2);
    DataSpec spec = DataSpec.parse("idx:" + folder);
    RecordSet test = spec.readAll(List.of(input), DataOptions.NONE, OptionalLong.empty());
    RecordSet train =
        spec.split(true).readAll(List.of(input), DataOptions.NONE, OptionalLong.of(4));
    assertThat(test.size()).isEqualTo(3);
    assertThat(train.size()).isEqualTo(4);
    assertThat(train.highestLabel()).isEqualTo(3);
    assertThat(train.shape(7)).containsExactly(7L, 1L, 2L, 2L);
    assertThat(train.checksum()).isNotEqualTo(test.checksum());
    ByteBuffer out = ByteBuffer.allocate(2 * 16).order(ByteOrder.LITTLE_ENDIAN);
    train.encode(2, RecordChange.NONE, out);
    train.encode(0, record -> ByteBuffer.wrap(new byte[] {9, 8, 7, 6}), out);
    float[] values = new float[8];
    out.flip().asFloatBuffer().get(values);
    assertThat(values).containsExactly(8, 9, 10, 11, 9, 8, 7, 6);
    try (DataSource stored = test.source();
        DataSource read = open("idx:" + folder, input, DataOptions.NONE)) {
      for (int batch : new int[] {2, 1}) {
        Batch one = stored.next(2).orElseThrow();
        Batch other = read.next(2).orElseThrow();
        assertThat(one.count()).isEqualTo(other.count()).isEqualTo(batch);
        assertThat(one.labels()).isEqualTo(other.labels());
        assertThat(floats(one.inputs().get("x"))).isEqualTo(floats(other.inputs().get("x")));
      }
      assertThat(stored.next(2)).isEmpty();
    }
    assertThatThrownBy(
            () ->
                DataSpec.parse("random")
                    .readAll(List.of(input), DataOptions.NONE, OptionalLong.empty()))
        .hasMessageContaining("random data have no labelled records");
  }

  @Test
  void saysWhereIdxFilesAreDamaged() throws IOException {
    InputSpec input = input(ElementType.FLOAT, -1, 1, 2, 2);
    assertFails("idx:" + folder, input, "t10k-images-idx3-ubyte");
    idx("t10k", "", 3);
    Path images = folder.resolve("t10k-images-idx3-ubyte");
    byte[] good = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(good, 16 + 4 + 3));
    try (DataSource source = open("idx:" + folder, input, DataOptions.NONE)) {
      assertThatThrownBy(() -> source.next(3))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("record 1 of 3 is cut off after 3 of 4 bytes");
    }
    try (DataSource source = open("idx:" + folder, input, DataOptions.NONE)) {
      // The record before it can be fed.
      assertThat(source.next(1).orElseThrow().count()).isEqualTo(1);
      assertThatThrownBy(() -> source.next(1)).hasMessageContaining("record 1 of 3 is cut off");
    }
    Files.write(images, "no idx file at all".getBytes(StandardCharsets.UTF_8));
    assertFails("idx:" + folder, input, "not an IDX file");
    Files.write(images, good);
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idxBytes(4, 0x801, 0));
    assertFails("idx:" + folder, input, "4 labels for the 3 images");
  }

  @Test
  void readsCifarRecordsAndNormalizesThem() throws IOException {
    write("test_batch.bin.gz", cifar10(2));
    DataOptions options =
        DataOptions.parse("1/255", ".485,.456,.406", ".229,.224,.225", null, null);
    try (DataSource source = open("cifar10:" + folder, CIFAR, options)) {
      Batch batch = source.next(10).orElseThrow();
      assertThat(batch.labels()).containsExactly(0, 1);
      float[] values = floats(batch.inputs().get("x"));
      // Byte i of record r is (i + r) mod 256; green is the second plane.
      assertThat(values[0]).isEqualTo((0 / 255f - .485f) / .229f);
      assertThat(values[1024 + 7]).isEqualTo((7 / 255f - .456f) / .224f);
      assertThat(values[3072 + 2048 + 9]).isEqualTo((10 / 255f - .406f) / .225f);
    }
  }

  @Test
  void laysImagesOutAsTheModelTakesThem() throws IOException {
    write("test_batch.bin", cifar10(1));
    DataOptions options = DataOptions.parse(null, "1,2,3", null, "nhwc", "bgr");
    InputSpec input = input(ElementType.FLOAT, -1, 32, 32, 3);
    byte[] raw = cifar10(1);
    try (DataSource source = open("cifar10:" + folder, input, options)) {
      TensorValue value = source.next(1).orElseThrow().inputs().get("x");
      assertThat(value.shape()).containsExactly(1L, 32L, 32L, 3L);
      float[] values = floats(value);
      for (int pixel = 0; pixel < 1024; pixel++) {
        float red = (raw[1 + pixel] & 0xff) - 1f;
        float green = (raw[1 + 1024 + pixel] & 0xff) - 2f;
        float blue = (raw[1 + 2048 + pixel] & 0xff) - 3f;
        assertThat(Arrays.copyOfRange(values, 3 * pixel, 3 * pixel + 3))
            .containsExactly(blue, green, red);
      }
    }
    assertFails("cifar10:" + folder, input, "another --layout");
  }

  @Test
  void readsTrainingFilesInOrderAndEachOnce() throws IOException {
    write("data_batch_2.bin", Arrays.copyOfRange(cifar10(3), 2 * 3073, 3 * 3073));
    write("data_batch_1.bin.gz", cifar10(2));
    write("data_batch_1.bin", cifar10(2));
    write("test_batch.bin", cifar10(1));
    write("batches.meta.txt", new byte[] {1});
    try (DataSource source = open("cifar10:" + folder + "#train", CIFAR, DataOptions.NONE)) {
      assertThat(source.size()).hasValue(3);
      assertThat(source.next(10).orElseThrow().labels()).containsExactly(0, 1, 2);
      assertThat(source.describe(1)).isEqualTo(folder.resolve("data_batch_1.bin") + ": record 1");
      assertThat(source.describe(2)).isEqualTo(folder.resolve("data_batch_2.bin") + ": record 0");
    }
  }

  @Test
  void takesTheFineLabelOfCifar100() throws IOException {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.write(19);
    record.write(99);
    record.write(new byte[3072]);
    write("test.bin", record.toByteArray());
    try (DataSource source = open("cifar100:" + folder, CIFAR, DataOptions.NONE)) {
      assertThat(source.next(10).orElseThrow().labels()).containsExactly(99);
    }
  }

  @Test
  void saysWhichCifarRecordIsDamaged() throws IOException {
    assertFails("cifar10:" + folder, CIFAR, "it should hold test_batch.bin");
    assertFails("cifar10:" + folder.resolve("none"), CIFAR, "no such folder");
    write("test_batch.bin", Arrays.copyOf(cifar10(3), 2 * 3073 + 100));
    assertDamaged("test_batch.bin: record 2 is cut off after 100 of 3073 bytes");
    byte[] wrong = cifar10(3);
    wrong[3073] = 10;
    write("test_batch.bin", wrong);
    assertDamaged("record 1 has label 10, but CIFAR-10 has 10 classes");
    write("test_batch.bin", new byte[0]);
    assertDamaged("record 0 is cut off");
    Files.delete(folder.resolve("test_batch.bin"));
    write("test_batch.bin.gz", cifar10(3));
    Path packed = folder.resolve("test_batch.bin.gz");
    byte[] bytes = Files.readAllBytes(packed);
    Files.write(packed, Arrays.copyOf(bytes, bytes.length / 2));
    assertDamaged("test_batch.bin.gz: is cut off");
    Files.write(packed, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    assertFails("cifar10:" + folder, CIFAR, "test_batch.bin.gz: cannot be read", true);
  }

  @Test
  void readsArraysOfNumpys() throws IOException {
    write("x.npy", NpyBytes.of(1, "<f4", "(3, 2)", ints(floatBits(0, 1, -2, 3.5f, 4, 5))));
    write("y.npy", NpyBytes.of(2, "|u1", "(3,)", new byte[] {7, 0, (byte) 255}));
    InputSpec input = input(ElementType.FLOAT, -1, 2);
    String spec = "npy:" + folder.resolve("x.npy") + "," + folder.resolve("y.npy");
    try (DataSource source = open(spec, input, DataOptions.NONE)) {
      Batch batch = source.next(2).orElseThrow();
      assertThat(floats(batch.inputs().get("x"))).containsExactly(0, 1, -2, 3.5f);
      assertThat(batch.labels()).containsExactly(7, 0);
      assertThat(source.next(2).orElseThrow().labels()).containsExactly(255);
    }
    DataOptions options = DataOptions.parse("2", "1,10", null, null, null);
    try (DataSource source = open("npy:" + folder.resolve("x.npy"), input, options)) {
      assertThat(floats(source.next(1).orElseThrow().inputs().get("x"))).containsExactly(-1, -8);
    }
  }

  /** Read ahead in chunks, which batches of another size are made of. */
  @Test
  void readsTargetsThatAreNoClasses() throws IOException {
    ByteBuffer x = ByteBuffer.allocate(4 * 100).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer y = ByteBuffer.allocate(8 * 200).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < 100; r++) {
      x.putFloat(r);
      y.putDouble(r + 0.1).putDouble(-r);
    }
    write("x.npy", NpyBytes.of(1, "<f4", "(100, 1)", x.array()));
    write("y.npy", NpyBytes.of(1, "<f8", "(100, 2)", y.array()));
    String spec = "npy:" + folder.resolve("x.npy") + "," + folder.resolve("y.npy");
    InputSpec input = input(ElementType.FLOAT, -1, 1);
    try (DataSource source = open(spec, input, DataOptions.NONE)) {
      assertTargets(source, 0, 40);
      assertTargets(source, 40, 40);
      assertTargets(source, 80, 20);
    }
    RecordSet all =
        DataSpec.parse(spec).readAll(List.of(input), DataOptions.NONE, OptionalLong.empty());
    assertThat(all.targetDims()).contains(List.of(2L));
    assertThat(all.highestLabel()).isEqualTo(-1);
    try (DataSource source = all.source()) {
      assertTargets(source, 0, 70);
    }
    write("y.npy", NpyBytes.of(1, "<f8", "(99, 2)", new byte[99 * 16]));
    assertFails(spec, input, "99 targets for the 100 records");
    write("y.npy", NpyBytes.of(1, "<f2", "(100,)", new byte[200]));
    assertFails(spec, input, "targets float32 or float64");
  }

  private static void assertTargets(DataSource source, int first, int count) {
    Batch batch = source.next(Math.max(40, count)).orElseThrow();
    assertThat(batch.count()).isEqualTo(count);
    assertThat(batch.labels()).isEmpty();
    TensorValue targets = batch.references().get(0);
    assertThat(targets.shape()).containsExactly((long) count, 2L);
    float[] values = floats(targets);
    float[] inputs = floats(batch.inputs().get("x"));
    for (int r = 0; r < count; r++) {
      assertThat(inputs[r]).isEqualTo(first + r);
      assertThat(values[2 * r]).isEqualTo((float) (first + r + 0.1));
      assertThat(values[2 * r + 1]).isEqualTo(-(first + r));
    }
  }

  @Test
  void convertsArraysToTheModelsFloatsButNotToItsIntegers() throws IOException {
    ByteBuffer doubles = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    doubles.putDouble(0.1).putDouble(2);
    write("x.npy", NpyBytes.of(1, "<f8", "(1, 2)", doubles.array()));
    String spec = "npy:" + folder.resolve("x.npy");
    try (DataSource source = open(spec, input(ElementType.FLOAT, -1, 2), DataOptions.NONE)) {
      assertThat(floats(source.next(1).orElseThrow().inputs().get("x"))).containsExactly(0.1f, 2);
    }
    try (DataSource source = open(spec, input(ElementType.FLOAT16, -1, 2), DataOptions.NONE)) {
      ByteBuffer halves = source.next(1).orElseThrow().inputs().get("x").data();
      assertThat(halves.getShort(2)).isEqualTo((short) 0x4000);
    }
    assertFails(spec, input(ElementType.INT64, -1, 2), "holds float64, but the model takes int64");
  }

  @Test
  void saysWhatIsWrongWithAnArray() throws IOException {
    InputSpec input = input(ElementType.FLOAT, -1, 2);
    String x = "npy:" + folder.resolve("x.npy");
    assertFails(x, input, "x.npy: no such file");
    write("x.npy", "PK\3\4 zipped".getBytes(StandardCharsets.ISO_8859_1));
    assertFails(x, input, "not a .npy file");
    write("x.npy", NpyBytes.of(1, ">f4", "(1, 2)", new byte[8]));
    assertFails(x, input, "values of type >f4 are not read; convert them with astype('<f4')");
    write("x.npy", NpyBytes.of(1, "<f4", "()", new byte[4]));
    assertFails(x, input, "a single number");
    write(
        "x.npy",
        new String(NpyBytes.of(1, "<f4", "(1, 2)", new byte[8]), StandardCharsets.ISO_8859_1)
            .replace("False", "True ")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertFails(x, input, "Fortran order");
    write("x.npy", NpyBytes.of(1, "<f4", "(99999999999999999999, 2)", new byte[8]));
    assertFails(x, input, "is too large");
    write("x.npy", NpyBytes.of(1, "<f4", "(2, 9999999999)", new byte[8]));
    assertFails(x, input, "records of more than 2 GiB");
    write("x.npy", NpyBytes.of(1, "<f4", "(3, 2)", new byte[20]));
    try (DataSource source = open(x, input, DataOptions.NONE)) {
      assertThatThrownBy(() -> source.next(3))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("record 2 of 3 is cut off after 4 of 8 bytes");
    }
    byte[] good = NpyBytes.of(1, "<f4", "(3, 2)", new byte[24]);
    write("x.npy", good);
    write("y.npy", NpyBytes.of(1, "<i8", "(2,)", new byte[16]));
    assertFails(x + "," + folder.resolve("y.npy"), input, "2 labels for the 3 records");
    for (int length = 0; length < good.length - 24; length++) {
      write("x.npy", Arrays.copyOf(good, length));
      assertFails(x, input, "x.npy: ");
    }
  }

  @Test
  void readsOnnxTestDataByPosition() throws IOException {
    TensorProto raw =
        TensorProto.newBuilder()
            .setDataType(ElementType.FLOAT.number())
            .addDims(2)
            .setRawData(com.google.protobuf.ByteString.copyFrom(ints(floatBits(1, 2))))
            .build();
    TensorProto typed =
        TensorProto.newBuilder().setDataType(ElementType.INT64.number()).addInt64Data(-5).build();
    for (String set : List.of("test_data_set_10", "test_data_set_9")) {
      write(set + "/input_0.pb", raw.toByteArray());
      write(set + "/input_1.pb", typed.toByteArray());
    }
    List<InputSpec> inputs =
        List.of(
            new InputSpec("a", ElementType.FLOAT, Optional.empty()),
            new InputSpec("b", ElementType.INT64, Optional.empty()));
    try (DataSource source = DataSpec.parse("onnx:" + folder).open(inputs, DataOptions.NONE)) {
      assertThat(source.size()).hasValue(2);
      Batch batch = source.next(100).orElseThrow();
      assertThat(batch.count()).isEqualTo(1);
      assertThat(floats(batch.inputs().get("a"))).containsExactly(1, 2);
      assertThat(batch.inputs().get("b").shape()).isEmpty();
      assertThat(batch.inputs().get("b").data().getLong(0)).isEqualTo(-5);
      assertThat(batch.references()).isEmpty();
      assertThat(source.next(1)).isPresent();
      assertThat(source.next(1)).isEmpty();
      assertThat(source.describe(0)).endsWith("test_data_set_9");
    }
  }

  @Test
  void readsTheOutputsOfOnnxTestDataWhereTheyAreAskedFor() throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(ElementType.FLOAT.number()).addDims(1);
    write("input_0.pb", tensor.addFloatData(1).build().toByteArray());
    write("output_0.pb", tensor.setFloatData(0, 2).build().toByteArray());
    write("output_1.pb", tensor.setFloatData(0, 3).build().toByteArray());
    InputSpec input = new InputSpec("a", ElementType.FLOAT, Optional.empty());
    DataSpec spec = DataSpec.parse("onnx:" + folder);
    try (DataSource source = spec.open(List.of(input), DataOptions.NONE, true)) {
      List<TensorValue> outputs = source.next(1).orElseThrow().references();
      assertThat(outputs).hasSize(2);
      assertThat(floats(outputs.get(0))).containsExactly(2);
      assertThat(floats(outputs.get(1))).containsExactly(3);
    }
    write("output_1.pb", new byte[] {(byte) 0xff});
    try (DataSource source = spec.open(List.of(input), DataOptions.NONE, true)) {
      assertThatThrownBy(() -> source.next(1))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("output_1.pb: not a TensorProto");
    }
  }

  @Test
  void saysWhatIsWrongWithOnnxTestData() throws IOException {
    InputSpec input = new InputSpec("a", ElementType.FLOAT, Optional.empty());
    assertFails("onnx:" + folder, input, "it should hold test_data_set_0 with input_0.pb");
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDataType(ElementType.FLOAT.number())
            .addDims(1L << 60)
            .addDims(1L << 60);
    assertInputFails(tensor.build().toByteArray(), input, "input_0.pb: ");
    tensor.clearDims().addDims(3).addFloatData(1);
    assertInputFails(tensor.build().toByteArray(), input, "input_0.pb: ");
    tensor.setDataType(ElementType.INT32.number());
    assertInputFails(tensor.build().toByteArray(), input, "holds int32, but input a takes float32");
    assertInputFails(new byte[] {(byte) 0xff, (byte) 0xff}, input, "not a TensorProto");
  }

  @Test
  void makesTheSameRandomInputsWhateverTheBatch() {
    List<InputSpec> inputs =
        List.of(
            new InputSpec("image", ElementType.FLOAT, Optional.of(List.of(-1L, 3L))),
            new InputSpec("pixels", ElementType.UINT8, Optional.of(List.of(-1L, 2L))));
    List<Float> one = new ArrayList<>();
    List<Float> many = new ArrayList<>();
    DataSpec spec = DataSpec.parse("random:3");
    try (DataSource single = spec.open(inputs, DataOptions.NONE);
        DataSource batched = spec.open(inputs, DataOptions.NONE)) {
      assertThat(single.endless()).isTrue();
      for (int i = 0; i < 6; i++) {
        add(one, single.next(1).orElseThrow());
      }
      add(many, batched.next(4).orElseThrow());
      add(many, batched.next(2).orElseThrow());
    }
    assertThat(one).hasSize(18).isEqualTo(many).doesNotHaveDuplicates();
  }

  @Test
  void makesIndicesZeroAndMasksOne() {
    List<InputSpec> inputs =
        List.of(
            new InputSpec("input_ids", ElementType.INT64, Optional.of(List.of(-1L, -1L))),
            new InputSpec("attention_mask", ElementType.INT64, Optional.of(List.of(-1L, -1L))));
    try (DataSource source = DataSpec.parse("random").open(inputs, DataOptions.NONE)) {
      Batch batch = source.next(2).orElseThrow();
      assertThat(batch.inputs().get("input_ids").shape()).containsExactly(2L, 1L);
      assertThat(batch.inputs().get("input_ids").data().getLong(8)).isZero();
      assertThat(batch.inputs().get("attention_mask").data().getLong(8)).isEqualTo(1);
      assertThat(source.notices())
          .contains("input input_ids int64[?,?]: open dimensions are set to 1");
    }
    assertFails(
        "random",
        new InputSpec("s", ElementType.STRING, Optional.of(List.of(1L))),
        "cannot be made up");
    assertFails(
        "random",
        new InputSpec("s", ElementType.FLOAT, Optional.empty()),
        "does not tell the shape");
  }

  @Test
  void readsTheCifar10TestSet() {
    SharedData.find("data/cifar10").ifPresent(data -> assertHistogram("cifar10:" + data, CIFAR));
  }

  @Test
  void readsTheMnistTestSet() {
    SharedData.find("data/mnist")
        .ifPresent(
            data -> {
              int[] histogram = histogram("idx:" + data, input(ElementType.FLOAT, 1, 1, 28, 28));
              // As published with the data set.
              assertThat(histogram)
                  .containsExactly(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
            });
  }

  private static void assertHistogram(String spec, InputSpec input) {
    int[] expected = new int[10];
    Arrays.fill(expected, 1000);
    assertThat(histogram(spec, input)).containsExactly(expected);
  }

  private static int[] histogram(String spec, InputSpec input) {
    int[] histogram = new int[10];
    try (DataSource source = open(spec, input, DataOptions.NONE)) {
      for (var batch = source.next(128); batch.isPresent(); batch = source.next(128)) {
        assertThat(batch.get().labels()).hasSize(batch.get().count());
        batch.get().labels().forEach(label -> histogram[label]++);
      }
    }
    return histogram;
  }

  private static InputSpec input(ElementType type, long... dims) {
    return new InputSpec("x", type, Optional.of(Arrays.stream(dims).boxed().toList()));
  }

  private static DataSource open(String spec, InputSpec input, DataOptions options) {
    return DataSpec.parse(spec).open(List.of(input), options);
  }

  private static void assertFails(String spec, InputSpec input, String message) {
    assertFails(spec, input, message, false);
  }

  private static void assertFails(String spec, InputSpec input, String message, boolean reading) {
    assertThatThrownBy(
            () -> {
              try (DataSource source = open(spec, input, DataOptions.NONE)) {
                if (reading) {
                  source.next(1);
                }
              }
            })
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  private void assertDamaged(String message) {
    try (DataSource source = open("cifar10:" + folder, CIFAR, DataOptions.NONE)) {
      assertThatThrownBy(() -> source.next(10))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(message);
    }
  }

  private void assertInputFails(byte[] file, InputSpec input, String message) throws IOException {
    write("input_0.pb", file);
    assertFails("onnx:" + folder, input, message, true);
  }

  private void idx(String part, String suffix, int count) throws IOException {
    byte[] images = idxBytes(count, 0x803, 2, 2);
    byte[] labels = idxBytes(count, 0x801);
    write(part + "-images-idx3-ubyte" + suffix, images);
    write(part + "-labels-idx1-ubyte" + suffix, labels);
  }

  /** Values count up from 0. */
  private static byte[] idxBytes(int count, int magic, int... dims) {
    int size = count * Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    ByteBuffer buffer = ByteBuffer.allocate(8 + 4 * dims.length + size);
    buffer.putInt(magic).putInt(count);
    for (int dim : dims) {
      buffer.putInt(dim);
    }
    for (int i = 0; i < size; i++) {
      buffer.put((byte) i);
    }
    return buffer.array();
  }

  /** Record r has label r, and its byte i is (i + r) mod 256. */
  private static byte[] cifar10(int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count * 3073);
    for (int r = 0; r < count; r++) {
      buffer.put((byte) r);
      for (int i = 0; i < 3072; i++) {
        buffer.put((byte) (i + r));
      }
    }
    return buffer.array();
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = packed(name, raw)) {
      out.write(bytes);
    }
  }

  private static OutputStream packed(String name, OutputStream raw) throws IOException {
    if (name.endsWith(".gz")) {
      return new GZIPOutputStream(raw);
    }
    return name.endsWith(".xz") ? new XZOutputStream(raw, new LZMA2Options(1)) : raw;
  }

  private static int[] floatBits(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static byte[] ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putInt(value);
    }
    return buffer.array();
  }

  private static void add(List<Float> all, Batch batch) {
    for (float value : floats(batch.inputs().get("image"))) {
      all.add(value);
    }
  }

  private static float[] floats(TensorValue value) {
    assertThat(value.data().isDirect()).isTrue();
    float[] floats = new float[value.data().remaining() / 4];
    value.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }
}
