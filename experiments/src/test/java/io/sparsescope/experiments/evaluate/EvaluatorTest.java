package io.sparsescope.experiments.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.NpyBytes;
import io.sparsescope.experiments.data.SharedData;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluatorTest {
  private static final float NAN = Float.NaN;

  /** Right, wrong, right by the tie, wrong by NaN, wrong. */
  private static final float[][] ROWS = {
    {1, 5, 0}, {3, 2, 1}, {4, 4, 0}, {NAN, NAN, NAN}, {0, 1, 2}
  };

  private static final List<Integer> LABELS = List.of(1, 2, 0, 0, 0);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "3,2", "5,4", "100,3"})
  void countsRightRecordsWhateverTheBatchAndTheThreads(int batch, int threads) {
    Evaluation evaluation = evaluate(identity(), List.of("top-1", "top-2"), batch, threads);
    assertThat(evaluation.records()).isEqualTo(5);
    assertThat(evaluation.output()).isEqualTo("y");
    Evaluation.Result top1 = evaluation.results().get(0);
    assertThat(top1.sum()).isEqualTo(2);
    assertThat(top1.mean()).isEqualTo(0.4);
    assertThat(top1.dense()).isEmpty();
    // The second record's label is its lowest value, and NaN is never among the highest.
    assertThat(evaluation.results().get(1).sum()).isEqualTo(2);
    assertThat(top1.interval()).contains(Interval.wilson(2, 5));
  }

  /** Ends found by bisection of (share - p)^2 = z^2 p (1 - p) / n. */
  @Test
  void wilsonsIntervalSolvesItsEquation() {
    assertInterval(9173, 10000, 0.9117401216863, 0.9225393932735);
    assertInterval(3, 10, 0.1077912674063, 0.6032218525389);
    assertInterval(0, 10, 0, 0.2775327998629);
    assertInterval(1, 1, 0.2065493143772, 1);
  }

  private static void assertInterval(long hits, long of, double low, double high) {
    assertThat(Interval.wilson(hits, of).low()).isCloseTo(low, within(1e-9));
    assertThat(Interval.wilson(hits, of).high()).isCloseTo(high, within(1e-9));
  }

  @Test
  void stopsAtTheLimit() {
    Evaluator.Options options = new Evaluator.Options(2, OptionalLong.of(3), 2, Optional.empty());
    try (DataSource data = new Records(ROWS, LABELS)) {
      Evaluation evaluation =
          new Evaluator(
                  identity(),
                  new ModelEdit(identity()),
                  Optional.empty(),
                  List.of(Metrics.TOP_1),
                  options)
              .run(data, Progress.NONE);
      assertThat(evaluation.records()).isEqualTo(3);
      assertThat(evaluation.results().get(0).sum()).isEqualTo(2);
    }
  }

  /** A plain file tells its size: that is no reason to stop before its last, damaged record. */
  @Test
  void damageBehindTheLastWholeRecordIsSaid() throws IOException {
    Files.write(folder.resolve("test_batch.bin"), new byte[2 * 3073 + 100]);
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3, 32, 32)
            .node("Flatten", List.of("x"), List.of("y"), "flatten")
            .output("y", ElementType.FLOAT, -1, 3072)
            .toModel("flat.onnx");
    try (DataSource data =
        DataSpec.parse("cifar10:" + folder).open(InputSpec.of(model), DataOptions.NONE)) {
      Evaluator evaluator =
          new Evaluator(
              model, new ModelEdit(model), Optional.empty(), List.of(Metrics.TOP_1), options(2));
      assertFails(() -> evaluator.run(data, Progress.NONE), "record 2 is cut off after 100");
    }
  }

  @Test
  void comparesWithAnotherModelOnTheSameRecords() {
    // The other model turns all signs round.
    ModelFile negated = unary("Neg");
    try (DataSource data = new Records(new float[][] {{1, 5, 0}, {3, 2, 1}}, List.of(1, 2))) {
      List<Metric> metrics =
          List.of(Metrics.TOP_1, Metrics.AGREEMENT, Metrics.COSINE, Metrics.MAX_ERROR);
      Evaluation evaluation =
          new Evaluator(
                  identity(), new ModelEdit(identity()), Optional.of(negated), metrics, options(2))
              .run(data, Progress.NONE);
      Evaluation.Result top1 = evaluation.results().get(0);
      assertThat(top1.mean()).isEqualTo(0.5);
      // Negated, the rows have their highest values at 2 and 2.
      assertThat(top1.dense()).hasValue(0.5);
      assertThat(top1.relative()).hasValue(1);
      assertThat(evaluation.results().get(1).sum()).isZero();
      assertThat(evaluation.results().get(2).mean()).isCloseTo(-1, within(1e-12));
      assertThat(evaluation.results().get(2).interval()).isEmpty();
      assertThat(evaluation.results().get(3).sum()).isEqualTo(-10 - 6);
    }
  }

  @Test
  void comparesAnEditedModelWithItself() {
    ModelFile model = unary("Abs");
    ModelEdit edit = new ModelEdit(model);
    edit.editNode(model.graph().nodes().get(0), node -> node.toBuilder().setOpType("Neg").build());
    try (DataSource data = new Records(new float[][] {{1, 2, 2}}, List.of())) {
      Evaluation evaluation =
          new Evaluator(model, edit, Optional.of(model), List.of(Metrics.MAX_ERROR), options(1))
              .run(data, Progress.NONE);
      assertThat(evaluation.results().get(0).sum()).isEqualTo(-4);
    }
  }

  @Test
  void comparesWithTheReferenceOutputsOfTestData() throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDataType(ElementType.FLOAT.number())
            .addAllDims(List.of(1L, 3L))
            .addAllFloatData(List.of(1f, 2f, 3f));
    Files.write(folder.resolve("input_0.pb"), tensor.build().toByteArray());
    tensor.setFloatData(1, 2.5f);
    Files.write(folder.resolve("output_0.pb"), tensor.build().toByteArray());
    ModelFile model = identity();
    DataSpec spec = DataSpec.parse("onnx:" + folder);
    Evaluator evaluator = evaluator(model, List.of(Metrics.MAX_ERROR, Metrics.AGREEMENT));
    try (DataSource data = spec.open(InputSpec.of(model), DataOptions.NONE, true)) {
      Evaluation evaluation = evaluator.run(data, Progress.NONE);
      assertThat(evaluation.results().get(0).sum()).isEqualTo(-0.5);
      assertThat(evaluation.results().get(1).sum()).isEqualTo(1);
    }
    Files.delete(folder.resolve("output_0.pb"));
    try (DataSource data = spec.open(InputSpec.of(model), DataOptions.NONE, true)) {
      assertFails(() -> evaluator.run(data, Progress.NONE), "name the dense model with --against");
    }
  }

  @Test
  void comparesWithTheTargetsOfArrays() throws IOException {
    Files.write(folder.resolve("x.npy"), npy("(2, 3)", 1, 5, 0, 3, 2, 1));
    Files.write(folder.resolve("y.npy"), npy("(2, 3)", 1, 4, 0, 3, 2, 3));
    String spec = "npy:" + folder.resolve("x.npy") + "," + folder.resolve("y.npy");
    try (DataSource data = DataSpec.parse(spec).open(InputSpec.of(identity()), DataOptions.NONE)) {
      List<Metric> metrics = List.of(Metrics.parse("squared-error"), Metrics.MAX_ERROR);
      Evaluation evaluation =
          new Evaluator(
                  identity(), new ModelEdit(identity()), Optional.empty(), metrics, options(2))
              .run(data, Progress.NONE);
      // 1 and 4, of three values each; the largest differences are 1 and 2.
      assertThat(evaluation.results().get(0).mean()).isCloseTo(-5 / 6.0, within(1e-15));
      assertThat(evaluation.results().get(1).sum()).isEqualTo(-3);
    }
    try (DataSource data = DataSpec.parse(spec).open(InputSpec.of(identity()), DataOptions.NONE)) {
      Evaluator evaluator =
          new Evaluator(
              identity(),
              new ModelEdit(identity()),
              Optional.empty(),
              List.of(Metrics.TOP_1),
              options(2));
      assertFails(
          () -> evaluator.run(data, Progress.NONE), "record 0 has no class; use --metric squared");
    }
  }

  private static byte[] npy(String shape, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return NpyBytes.of("<f4", shape, bytes.array());
  }

  @Test
  void runsModelsOfSeveralInputs() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("a", ElementType.FLOAT, -1, 3)
            .input("b", ElementType.FLOAT, -1, 3)
            .node("Sub", List.of("a", "b"), List.of("y"), "sub")
            .output("y", ElementType.FLOAT, -1, 3)
            .toModel("two");
    Evaluator evaluator = evaluator(model, List.of(Metrics.COSINE), identityOf("a", "b"));
    DataSpec spec = DataSpec.parse("random:1");
    Evaluator.Options limited = new Evaluator.Options(3, OptionalLong.of(7), 2, Optional.empty());
    Evaluator same =
        new Evaluator(
            model, new ModelEdit(model), Optional.of(model), List.of(Metrics.COSINE), limited);
    try (DataSource data = spec.open(InputSpec.of(model), DataOptions.NONE);
        DataSource again = spec.open(InputSpec.of(model), DataOptions.NONE)) {
      assertThat(same.run(again, Progress.NONE).results().get(0).sum()).isEqualTo(7);
      Evaluation evaluation = evaluator.run(data, Progress.NONE);
      assertThat(evaluation.records()).isEqualTo(100);
      assertThat(evaluation.results().get(0).mean()).isStrictlyBetween(-1.0, 1.0);
    }
  }

  /** What rounding adds up to depends on the order; here it must not on the threads. */
  @Test
  void sumsDoNotDependOnTheThreads() {
    float[][] rows = new float[301][3];
    java.util.Random random = new java.util.Random(5);
    for (float[] row : rows) {
      for (int i = 0; i < 3; i++) {
        row[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6)));
      }
    }
    List<Double> sums = new ArrayList<>();
    for (int threads : new int[] {1, 2, 3, 8}) {
      ModelFile model = identity();
      Evaluator evaluator =
          new Evaluator(
              model,
              new ModelEdit(model),
              Optional.of(unary("Sigmoid")),
              List.of(Metrics.COSINE),
              new Evaluator.Options(7, OptionalLong.empty(), threads, Optional.empty()));
      try (DataSource data = new Records(rows, List.of())) {
        sums.add(evaluator.run(data, Progress.NONE).results().get(0).sum());
      }
    }
    assertThat(sums.stream().distinct()).hasSize(1);
  }

  @Test
  void choosesTheOnlyOutputOfFloatsOrTheNamedOne() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .node("Identity", List.of("x"), List.of("scores"), "scores")
            .node("Neg", List.of("x"), List.of("other"), "other")
            .node("Shape", List.of("x"), List.of("size"), "size")
            .output("size", ElementType.INT64, 2)
            .output("scores", ElementType.FLOAT, -1, 3)
            .output("other", ElementType.FLOAT, -1, 3)
            .toModel("three");
    assertThat(JudgedOutput.of(model, Optional.of("other"))).isEqualTo("other");
    assertFails(
        () -> JudgedOutput.of(model, Optional.empty()), "--output scores or --output other");
    assertFails(() -> JudgedOutput.of(model, Optional.of("size")), "holds no floating-point");
    assertFails(() -> JudgedOutput.of(model, Optional.of("logits")), "has no output logits");
    assertThat(JudgedOutput.of(identity(), Optional.empty())).isEqualTo("y");
    ModelFile none =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .node("Shape", List.of("x"), List.of("size"), "size")
            .output("size", ElementType.INT64, 2)
            .toModel("none");
    assertFails(() -> JudgedOutput.of(none, Optional.empty()), "no output holds floating-point");
  }

  @Test
  void saysWhichRecordCannotBeJudged() {
    assertFails(
        () -> evaluate(new float[][] {{1, 2, 3}, {1, 2, 3}}, List.of(0, 3), "top-1"),
        "record 1: label 3 is none of the model's 3 classes; use labels from 0 to 2");
    assertFails(
        () -> evaluate(new float[][] {{1, 2, 3}}, List.of(), "top-1"),
        "record 0 has no label; name labels, or use --metric agreement");
    assertFails(
        () -> evaluate(new float[][] {{1, 2, 3}}, List.of(0), "binary"), "record 0: the output");
    assertFails(
        () -> evaluate(new float[][] {{1, 2, 3}}, List.of(0), Broken.class.getName()),
        "record 0: the metric broken fails");
    assertFails(() -> evaluate(new float[][] {}, List.of(), "top-1"), "holds no records to judge");
  }

  @Test
  void leavesNoThread() throws InterruptedException {
    assertFails(
        () -> evaluate(new float[][] {{1, 2, 3}, {1, 2, 3}}, List.of(9, 9), "top-1"), "label 9");
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("sparsescope-evaluate")) {
        // Its work is done, but it may be about to end.
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  @Test
  void refusesOutputsWithoutARowARecord() {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .node("Transpose", List.of("x"), List.of("y"), "t")
            .output("y", ElementType.FLOAT, 3, -1)
            .toModel("transposed");
    assertFails(() -> evaluate(model, List.of("top-1"), 2, 1), "use --batch 1");
    assertThat(evaluate(model, List.of("top-1"), 1, 1).results().get(0).sum()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16", "BFLOAT16", "DOUBLE"})
  void readsOutputsOfOtherFloatTypes(ElementType type) {
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .node(
                io.sparsescope.onnx.proto.NodeProto.newBuilder()
                    .setOpType("Cast")
                    .addInput("x")
                    .addOutput("y")
                    .addAttribute(
                        io.sparsescope.onnx.proto.AttributeProto.newBuilder()
                            .setName("to")
                            .setType(io.sparsescope.onnx.proto.AttributeProto.AttributeType.INT)
                            .setI(type.number()))
                    .build())
            .output("y", type, -1, 3)
            .toModel("cast");
    assertThat(evaluate(model, List.of("top-1"), 2, 2).results().get(0).sum()).isEqualTo(2);
  }

  @Test
  void reproducesResnet20OnCifar10() {
    Optional<Path> file = SharedData.find("models/resnet20_cifar10/resnet20_cifar10.onnx");
    Optional<Path> records = SharedData.find("data/cifar10");
    if (file.isEmpty() || records.isEmpty()) {
      return;
    }
    DataOptions options =
        DataOptions.parse("1/255", ".485,.456,.406", ".229,.224,.225", null, null);
    try (ModelFile model = ModelFile.open(file.get());
        DataSource data =
            DataSpec.parse("cifar10:" + records.get()).open(InputSpec.of(model), options)) {
      Evaluator.Options limited =
          new Evaluator.Options(50, OptionalLong.of(500), 2, Optional.empty());
      Evaluation evaluation =
          new Evaluator(
                  model,
                  new ModelEdit(model),
                  Optional.of(model),
                  List.of(Metrics.TOP_1, Metrics.AGREEMENT, Metrics.MAX_ERROR),
                  limited)
              .run(data, Progress.NONE);
      Evaluation.Result top1 = evaluation.results().get(0);
      // 91.73 % of all 10,000, which the interval of 500 of them must hold.
      assertThat(top1.interval().orElseThrow().low()).isLessThan(0.9173);
      assertThat(top1.interval().orElseThrow().high()).isGreaterThan(0.9173);
      assertThat(top1.dense()).hasValue(top1.mean());
      assertThat(evaluation.results().get(1).mean()).isEqualTo(1);
      assertThat(evaluation.results().get(2).sum()).isZero();
    }
  }

  /** Throws what no metric should. */
  public static final class Broken implements Metric {
    /** As users' metrics have it. */
    public Broken() {}

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public boolean needsLabels() {
      return true;
    }

    @Override
    public double best() {
      return 1;
    }

    @Override
    public Score score(Row row) {
      throw new ArrayIndexOutOfBoundsException(7);
    }
  }

  private static ModelFile identity() {
    return unary("Identity");
  }

  private static ModelFile unary(String operator) {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 3)
        .node(operator, List.of("x"), List.of("y"), "n")
        .output("y", ElementType.FLOAT, -1, 3)
        .toModel(operator);
  }

  private static ModelFile identityOf(String input, String unused) {
    return ModelBuilder.model(13)
        .input(input, ElementType.FLOAT, -1, 3)
        .input(unused, ElementType.FLOAT, -1, 3)
        .node("Identity", List.of(input), List.of("y"), "n")
        .output("y", ElementType.FLOAT, -1, 3)
        .toModel("dense");
  }

  private static Evaluator.Options options(int batch) {
    return new Evaluator.Options(batch, OptionalLong.empty(), 2, Optional.empty());
  }

  private static Evaluator evaluator(ModelFile model, List<Metric> metrics) {
    return new Evaluator(model, new ModelEdit(model), Optional.empty(), metrics, options(2));
  }

  private static Evaluator evaluator(ModelFile model, List<Metric> metrics, ModelFile dense) {
    return new Evaluator(model, new ModelEdit(model), Optional.of(dense), metrics, options(2));
  }

  private static Evaluation evaluate(
      ModelFile model, List<String> metrics, int batch, int threads) {
    Evaluator.Options options =
        new Evaluator.Options(batch, OptionalLong.empty(), threads, Optional.empty());
    try (DataSource data = new Records(ROWS, LABELS)) {
      List<Metric> parsed = metrics.stream().map(Metrics::parse).toList();
      return new Evaluator(model, new ModelEdit(model), Optional.empty(), parsed, options)
          .run(data, Progress.NONE);
    }
  }

  private static Evaluation evaluate(float[][] rows, List<Integer> labels, String metric) {
    try (DataSource data = new Records(rows, labels)) {
      return evaluator(identity(), List.of(Metrics.parse(metric))).run(data, Progress.NONE);
    }
  }

  private static void assertFails(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  /** Rows that are fed as they are. The memory of a batch is used again for the next one. */
  private static final class Records implements DataSource {
    private final float[][] rows;
    private final List<Integer> labels;
    private final ByteBuffer memory =
        ByteBuffer.allocateDirect(12 * 1000).order(ByteOrder.LITTLE_ENDIAN);
    private int at;

    Records(float[][] rows, List<Integer> labels) {
      this.rows = rows;
      this.labels = labels;
    }

    @Override
    public Optional<Batch> next(int records) {
      int end = Math.min(rows.length, at + records);
      if (at == end) {
        return Optional.empty();
      }
      memory.clear();
      for (int r = at; r < end; r++) {
        for (float value : rows[r]) {
          memory.putFloat(value);
        }
      }
      int count = end - at;
      TensorValue value =
          new TensorValue(ElementType.FLOAT, List.of((long) count, 3L), memory.flip());
      List<Integer> some = labels.isEmpty() ? List.of() : labels.subList(at, end);
      at = end;
      return Optional.of(new Batch(Map.of("x", value), some, count));
    }

    @Override
    public OptionalLong size() {
      return OptionalLong.of(rows.length);
    }

    @Override
    public List<String> notices() {
      return List.of();
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
