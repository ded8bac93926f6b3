package io.sparsescope.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.OfflineProfiler.Detail;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.SharedData;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.AppliedThreshold;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineProfilerTest {
  /** Five records of two values; through the weights below the ReLU sees what is noted beside. */
  private static final float[][] RECORDS = {
    {1, 1}, // 3, -1, 0.5
    {-1, -1}, // -3, 1, -0.5
    {0, 0}, // 0, 0, 0
    {2, 0}, // 2, 0, 1
    {0, 1} // 2, -1, 0
  };

  @TempDir Path folder;

  @Test
  void countsEveryRecordWhateverTheBatch() throws Exception {
    for (int batch : new int[] {1, 2, 5, 64}) {
      ModelProfile model = profile(net(), Rules.NONE, batch, OptionalLong.empty()).models().get(0);
      assertThat(model.sessions()).isEqualTo(1);
      assertThat(model.runs()).isEqualTo((5 + batch - 1) / batch);
      assertThat(model.sampledRuns()).isEqualTo(model.runs());
      TapProfile relu = model.taps().get(0);
      assertThat(relu.tensor()).isEqualTo("y");
      assertThat(relu.op()).isEqualTo("Relu");
      assertThat(relu.kind()).isEqualTo(TapKind.ACTIVATION);
      // Positive: 3 0.5 | 1 | | 2 1 | 2: six of fifteen.
      assertThat(relu.counts()).isEqualTo(new Counts(15, 9, 0));
    }
  }

  @Test
  void stopsAtTheLimit() throws Exception {
    List<Long> reported = new ArrayList<>();
    ModelProfile model =
        profile(
                net(),
                Rules.NONE,
                2,
                OptionalLong.of(3),
                (done, total) -> {
                  assertThat(total).hasValue(3);
                  reported.add(done);
                })
            .models()
            .get(0);
    assertThat(model.taps().get(0).counts()).isEqualTo(new Counts(9, 6, 0));
    assertThat(reported).containsExactly(2L, 3L);
  }

  @Test
  void countsWeightsOnceAndBlocksAndTotal() throws Exception {
    Rules rules = new Rules(List.of(), List.of(), List.of(), Map.of("all", "**"));
    ModelProfile model = profile(net(), rules, 1, OptionalLong.empty()).models().get(0);
    assertThat(model.weights()).hasSize(1);
    TapProfile weight = model.weights().get(0);
    assertThat(weight.tensor()).isEqualTo("w");
    assertThat(weight.runs()).isEqualTo(1);
    assertThat(weight.counts()).isEqualTo(new Counts(6, 2, 0));
    assertThat(model.total().weightElements()).isEqualTo(6);
    assertThat(model.blocks()).hasSize(1);
    assertThat(model.blocks().get(0).activation()).isEqualTo("y");
    assertThat(model.blocks().get(0).activationSparsity()).isEqualTo(9 / 15.0);
    assertThat(model.blocks().get(0).weightSparsity()).isEqualTo(2 / 6.0);
  }

  @Test
  void countsBehindThresholds() throws Exception {
    for (boolean bake : new boolean[] {false, true}) {
      Rules rules =
          new Rules(
              List.of(new ThresholdRule("**", 0.6, false, false, bake)),
              List.of(new ThresholdRule("op:Relu", 2, false, false, false)),
              List.of(),
              Map.of());
      ModelProfile model = profile(net(), rules, 3, OptionalLong.empty()).models().get(0);
      // The weight 0.5 becomes zero; of 3, 1, 2, 2 the 1 does, too.
      assertThat(model.weights().get(0).counts()).isEqualTo(new Counts(6, 3, 0));
      assertThat(model.taps().get(0).counts()).isEqualTo(new Counts(15, 12, 0));
      assertThat(model.thresholds())
          .containsExactlyInAnyOrder(
              new AppliedThreshold("w", TapKind.WEIGHT, 0.6, "lt"),
              new AppliedThreshold("y", TapKind.ACTIVATION, 2, "lt"));
    }
  }

  /** A plain file tells its size: that is no reason to stop before its last, damaged record. */
  @Test
  void damageBehindTheLastWholeRecordIsSaid() throws Exception {
    Files.write(folder.resolve("test_batch.bin"), new byte[2 * 3073 + 100]);
    try (ModelFile model =
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, -1, 3, 32, 32)
                .node("Relu", List.of("x"), List.of("y"), "relu")
                .output("y", ElementType.FLOAT, -1, 3, 32, 32)
                .toModel("relu.onnx");
        DataSource data =
            DataSpec.parse("cifar10:" + folder).open(InputSpec.of(model), DataOptions.NONE)) {
      OfflineProfiler profiler =
          new OfflineProfiler(
              model, Rules.NONE, new OfflineProfiler.Options(2, OptionalLong.empty(), true));
      assertThatThrownBy(() -> profiler.run(data, Progress.NONE))
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining("record 2 is cut off after 100");
    }
  }

  @Test
  void limitsDataThatNeverEnds() throws Exception {
    try (ModelFile model = net();
        DataSource data = DataSpec.parse("random:1").open(InputSpec.of(model), DataOptions.NONE)) {
      Profile profile =
          new OfflineProfiler(
                  model, Rules.NONE, new OfflineProfiler.Options(64, OptionalLong.empty(), false))
              .run(data, Progress.NONE);
      assertThat(profile.models().get(0).taps().get(0).elements())
          .isEqualTo(3L * DataSource.DEFAULT_RECORDS);
      assertThat(profile.agent().onnxruntime()).isEqualTo("1.29.0");
    }
  }

  @Test
  void runsAModelWithExternalData() throws Exception {
    Path file = folder.resolve("net.onnx");
    Path weights = folder.resolve("net.bin");
    ByteBuffer values = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : new float[] {1, 0, 0.5f, 2, -1, 0}) {
      values.putFloat(value);
    }
    Files.write(weights, values.array());
    var external =
        io.sparsescope.onnx.proto.TensorProto.newBuilder()
            .setName("w")
            .setDataType(ElementType.FLOAT.number())
            .addDims(2)
            .addDims(3)
            .setDataLocation(io.sparsescope.onnx.proto.TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                io.sparsescope.onnx.proto.StringStringEntryProto.newBuilder()
                    .setKey("location")
                    .setValue("net.bin"));
    builder().initializer(external.build()).writeTo(file);
    for (boolean bake : new boolean[] {false, true}) {
      Rules rules =
          new Rules(
              List.of(new ThresholdRule("**", 0.6, false, false, bake)),
              List.of(),
              List.of(),
              Map.of());
      ModelProfile model =
          profile(ModelFile.open(file), rules, 2, OptionalLong.empty()).models().get(0);
      assertThat(model.weights().get(0).counts()).isEqualTo(new Counts(6, 3, 0));
      // Without 0.5 the ReLU sees 3 -1 0 | -3 1 0 | 0 0 0 | 2 0 0 | 2 -1 0.
      assertThat(model.taps().get(0).counts()).isEqualTo(new Counts(15, 11, 0));
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("net.onnx", "net.bin", "x.npy");
    }
  }

  @Test
  void saysWhatDoesNotFit() throws Exception {
    assertThatThrownBy(() -> new OfflineProfiler.Options(0, OptionalLong.empty(), false))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("--batch 0");
    assertThatThrownBy(() -> new OfflineProfiler.Options(1, OptionalLong.of(0), false))
        .isInstanceOf(ExperimentException.class);
    ModelFile refused =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer("w", new float[3], 3, 1)
            .node("MatMul", List.of("x", "w"), List.of("h"), "fc")
            .node("Relu", List.of("h"), List.of("y"), "relu")
            .output("y", ElementType.FLOAT, -1, 1)
            .toModel("bad.onnx");
    assertThatThrownBy(() -> profile(refused, Rules.NONE, 1, OptionalLong.empty()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageStartingWith("bad.onnx: ONNX Runtime refuses the model (")
        .message()
        .doesNotContain("\n");
  }

  /** ResNet-20 over CIFAR-10: the counts against ones made from the tensors themselves. */
  @Test
  void countsARealModelAsItsTensorsSay() throws Exception {
    var file = SharedData.find("models/resnet20_cifar10/resnet20_cifar10.onnx");
    var cifar = SharedData.find("data/cifar10");
    if (file.isEmpty() || cifar.isEmpty()) {
      return;
    }
    int records = 200;
    DataOptions options =
        DataOptions.parse("1/255", ".485,.456,.406", ".229,.224,.225", null, null);
    DataSpec spec = DataSpec.parse("cifar10:" + cifar.get());
    Rules rules = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
    try (ModelFile model = ModelFile.open(file.get())) {
      Profile profile;
      try (DataSource data = spec.open(InputSpec.of(model), options)) {
        profile =
            new OfflineProfiler(
                    model, rules, new OfflineProfiler.Options(50, OptionalLong.of(records), false))
                .run(data, Progress.NONE);
      }
      List<TapProfile> taps = profile.models().get(0).runTaps();
      assertThat(taps).hasSize(19);
      Map<String, Seen> expected;
      try (DataSource data = spec.open(InputSpec.of(model), options)) {
        expected = countNaively(model, taps, data, records);
      }
      for (TapProfile tap : taps) {
        assertThat(tap.counts()).as(tap.tensor()).isEqualTo(expected.get(tap.tensor()).counts);
        assertThat(tap.histogram()).isNull();
      }
      Profile detailed;
      try (DataSource data = spec.open(InputSpec.of(model), options)) {
        detailed =
            new OfflineProfiler(
                    model,
                    rules,
                    new OfflineProfiler.Options(
                        50, OptionalLong.of(records), false, Detail.HISTOGRAMS, false))
                .run(data, Progress.NONE);
      }
      for (TapProfile tap : detailed.models().get(0).runTaps()) {
        Seen seen = expected.get(tap.tensor());
        assertThat(tap.counts()).as(tap.tensor()).isEqualTo(seen.counts);
        for (int i = 0; i < BOUNDS.length; i++) {
          long below = tap.zeros() + tap.histogram().below(STEPS_OF_BOUNDS[i]);
          assertThat(below).as("%s below %s", tap.tensor(), BOUNDS[i]).isEqualTo(seen.below[i]);
        }
      }
      assertThat(profile.models().get(0).weights()).hasSize(20);
    }
  }

  /** Makes each tensor an output of the plain model and compares its floats with zero. */
  private static Map<String, Seen> countNaively(
      ModelFile model, List<TapProfile> taps, DataSource data, int records) throws OrtException {
    var edit = new io.sparsescope.onnx.ModelEdit(model);
    taps.forEach(
        tap ->
            edit.addOutput(io.sparsescope.onnx.Values.unshaped(tap.tensor(), ElementType.FLOAT)));
    Map<String, Seen> all = new java.util.HashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(edit.toBytes())) {
      for (int done = 0; done < records; done += 50) {
        var value = data.next(50).orElseThrow().inputs().values().iterator().next();
        long[] shape = value.shape().stream().mapToLong(Long::longValue).toArray();
        String input = session.getInputNames().iterator().next();
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(
                    environment,
                    value.data().order(ByteOrder.nativeOrder()).asFloatBuffer(),
                    shape);
            OrtSession.Result result = session.run(Map.of(input, tensor))) {
          for (TapProfile tap : taps) {
            var floats = ((OnnxTensor) result.get(tap.tensor()).orElseThrow()).getFloatBuffer();
            Seen seen = all.computeIfAbsent(tap.tensor(), t -> new Seen());
            long zeros = 0;
            long elements = floats.remaining();
            while (floats.hasRemaining()) {
              float x = floats.get();
              zeros += x == 0 ? 1 : 0;
              for (int i = 0; i < BOUNDS.length; i++) {
                seen.below[i] += Math.abs(x) < BOUNDS[i] ? 1 : 0;
              }
            }
            seen.counts = seen.counts.plus(new Counts(elements, zeros, 0));
          }
        }
      }
    }
    return all;
  }

  /** Where steps of a histogram begin, and their numbers. */
  private static final double[] BOUNDS = {0.0078125, 0.1015625, 0.25, 0.9375, 1, 1.375, 3};

  private static final int[] STEPS_OF_BOUNDS = {-56, -27, -16, -1, 0, 3, 12};

  /** What a tensor held, looked at element by element. */
  private static final class Seen {
    private Counts counts = Counts.NONE;
    private final long[] below = new long[BOUNDS.length];
  }

  private Profile profile(ModelFile model, Rules rules, int batch, OptionalLong limit)
      throws Exception {
    return profile(model, rules, batch, limit, Progress.NONE);
  }

  private Profile profile(
      ModelFile model, Rules rules, int batch, OptionalLong limit, Progress progress)
      throws Exception {
    Path x = folder.resolve("x.npy");
    writeRecords(x);
    try (model;
        DataSource data = DataSpec.parse("npy:" + x).open(InputSpec.of(model), DataOptions.NONE)) {
      return new OfflineProfiler(model, rules, new OfflineProfiler.Options(batch, limit, false))
          .run(data, progress);
    }
  }

  private static void writeRecords(Path file) throws Exception {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + RECORDS.length + ", 2), }\n";
    ByteBuffer npy =
        ByteBuffer.allocate(10 + header.length() + 8 * RECORDS.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    npy.put((byte) 0x93).put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII));
    npy.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    for (float[] record : RECORDS) {
      npy.putFloat(record[0]).putFloat(record[1]);
    }
    Files.write(file, npy.array());
  }

  private static ModelFile net() {
    return builder().initializer("w", new float[] {1, 0, 0.5f, 2, -1, 0}, 2, 3).toModel("net.onnx");
  }

  private static ModelBuilder builder() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 2)
        .node("MatMul", List.of("x", "w"), List.of("h"), "fc")
        .node("Relu", List.of("h"), List.of("y"), "relu")
        .output("y", ElementType.FLOAT, -1, 3);
  }
}
