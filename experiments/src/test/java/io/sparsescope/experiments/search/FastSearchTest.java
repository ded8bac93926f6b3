package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.SharedData;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.rewriter.Rewriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the fast search against the exhaustive one. */
class FastSearchTest {
  private static final long MEMORY = 64L << 20;

  @ParameterizedTest
  @CsvSource({
    "WEIGHTS, LAYER, top-1, 0, 16-18",
    "WEIGHTS, BLOCK, top-1, 0.02, 16-18",
    "WEIGHTS, LAYER, cosine, 0.001, 18-20",
    "ACTIVATIONS, LAYER, top-1, 0, 16-18",
    "ACTIVATIONS, LAYER, max-error, 0.5, 17-18",
  })
  void findsTheSameInAResNet(On on, By by, String metric, double tolerance, String units) {
    Optional<Path> file = SharedData.find("models/resnet20_cifar10/resnet20_cifar10.onnx");
    Optional<Path> data = SharedData.find("data/cifar10");
    org.junit.jupiter.api.Assumptions.assumeTrue(file.isPresent() && data.isPresent());
    DataOptions options =
        DataOptions.parse("1/255", "0.485,0.456,0.406", "0.229,0.224,0.225", null, null);
    try (ModelFile model = ModelFile.open(file.get())) {
      SampleSet samples = samples(model, "cifar10:" + data.get(), options, 48);
      Case c = new Case(model, samples, on, by, Metrics.parse(metric), tolerance, units);
      c.assertSame(grid(0.4, 8), MEMORY, 2);
    }
  }

  @Test
  void findsTheSameWhereAModelTakesOneRecordAtATime() {
    Optional<Path> file = SharedData.find("models/mnist_cntk/mnist.onnx");
    Optional<Path> data = SharedData.find("data/mnist");
    org.junit.jupiter.api.Assumptions.assumeTrue(file.isPresent() && data.isPresent());
    try (ModelFile model = ModelFile.open(file.get())) {
      SampleSet samples = samples(model, "idx:" + data.get(), DataOptions.NONE, 60);
      for (On on : On.values()) {
        Case c = new Case(model, samples, on, By.LAYER, Metrics.TOP_1, 0, "");
        c.assertSame(grid(on == On.WEIGHTS ? 0.5 : 200, 6), MEMORY, 2);
      }
    }
  }

  /** Two branches that share a weight, and an If that reads another from around it. */
  @Property(tries = 12)
  void findsTheSameInRandomNets(
      @ForAll long seed,
      @ForAll On on,
      @ForAll @IntRange(min = 1, max = 3) int threads,
      @ForAll boolean keepsNothing,
      @ForAll boolean agreement) {
    Random random = new Random(seed);
    ModelFile model = net(random);
    int records = 40 + random.nextInt(40);
    float[][] x = new float[records][6];
    int[] labels = new int[records];
    for (int i = 0; i < records; i++) {
      x[i] = values(random, 6);
      labels[i] = random.nextInt(4);
    }
    SampleSet samples =
        SampleSet.read(model, new Records(x, labels), Choice.ALL, 1 << 20, Progress.NONE);
    Metric metric = agreement ? Metrics.AGREEMENT : Metrics.TOP_1;
    double tolerance = random.nextInt(3) * 0.1;
    for (By by : By.values()) {
      Case c = new Case(model, samples, on, by, metric, tolerance, "");
      c.assertSame(grid(1.2, 12), keepsNothing ? 0 : MEMORY, threads);
    }
  }

  @Test
  void cutsOfWhichOnlySomeFitIntoMemoryChangeNothing() {
    Random random = new Random(3);
    ModelFile model = net(random);
    float[][] x = new float[100][];
    int[] labels = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = values(random, 6);
      labels[i] = random.nextInt(4);
    }
    SampleSet samples =
        SampleSet.read(model, new Records(x, labels), Choice.ALL, 1 << 20, Progress.NONE);
    Case c = new Case(model, samples, On.WEIGHTS, By.LAYER, Metrics.TOP_1, 0.1, "");
    for (long memory : List.of(300L, 700L, 1500L, 3000L)) {
      c.assertSame(grid(1, 5), memory, 2);
    }
  }

  @Test
  void runsAreCountedWhateverTheTiming() {
    Random random = new Random(5);
    ModelFile model = net(random);
    float[][] x = new float[200][];
    int[] labels = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = values(random, 6);
      labels[i] = random.nextInt(4);
    }
    SampleSet samples =
        SampleSet.read(model, new Records(x, labels), Choice.ALL, 1 << 20, Progress.NONE);
    Case c = new Case(model, samples, On.WEIGHTS, By.LAYER, Metrics.TOP_1, 0, "");
    List<UnitResult> first = c.fast(grid(1, 10), MEMORY, 2);
    for (int i = 0; i < 5; i++) {
      assertThat(c.fast(grid(1, 10), MEMORY, 2)).isEqualTo(first);
    }
    // 10 thresholds of 200 records for each of the units, at most.
    assertThat(first).allMatch(result -> result.samplesRun() < 2000);
  }

  /** Each record's mean is taken over all records of a run: no order but the given one will do. */
  @Test
  void recordsThatInfluenceEachOtherAreRunInTheirOwnBatches() {
    Random random = new Random(11);
    ModelFile model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 6)
            .initializer("w", values(random, 24), 6, 4)
            .node("MatMul", List.of("x", "w"), List.of("m"), "fc")
            .node("ReduceMean", List.of("m"), List.of("mean"), "mean", Nodes.integers("axes", 0))
            .node("Sub", List.of("m", "mean"), List.of("y"), "center")
            .output("y", ElementType.FLOAT, -1, 4)
            .toModel("centered");
    float[][] x = new float[64][];
    int[] labels = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = values(random, 6);
      labels[i] = random.nextInt(4);
    }
    SampleSet samples =
        SampleSet.read(model, new Records(x, labels), Choice.ALL, 1 << 20, Progress.NONE);
    Case c = new Case(model, samples, On.WEIGHTS, By.LAYER, Metrics.TOP_1, 0.2, "");
    c.assertSame(grid(1, 8), MEMORY, 2);
  }

  private static SampleSet samples(ModelFile model, String spec, DataOptions options, int limit) {
    try (DataSource data = DataSpec.parse(spec).open(InputSpec.of(model), options)) {
      return SampleSet.read(model, data, Choice.first(limit), 1 << 20, Progress.NONE);
    }
  }

  private static List<Double> grid(double to, int steps) {
    List<Double> grid = new ArrayList<>();
    for (int i = steps; i > 0; i--) {
      grid.add(to * i / steps);
    }
    return grid;
  }

  private static float[] values(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    return values;
  }

  private static ModelFile net(Random random) {
    GraphProto yes =
        ModelBuilder.model(13)
            .graphName("yes")
            .node("MatMul", List.of("r", "captured"), List.of("t"), "inner")
            .unshapedOutput("t", ElementType.FLOAT)
            .graph();
    GraphProto no =
        ModelBuilder.model(13)
            .graphName("no")
            .node("Identity", List.of("r"), List.of("e"), "")
            .unshapedOutput("e", ElementType.FLOAT)
            .graph();
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 6)
        .initializer("w1", values(random, 36), 6, 6)
        .initializer("shared", values(random, 36), 6, 6)
        .initializer("captured", values(random, 36), 6, 6)
        .initializer("w4", values(random, 24), 4, 6)
        .initializer("yes", new float[] {random.nextInt(2)})
        .node("MatMul", List.of("x", "w1"), List.of("a"), "a/one")
        .node("Relu", List.of("a"), List.of("ar"), "a/relu")
        .node("MatMul", List.of("ar", "shared"), List.of("b"), "a/two")
        .node("Relu", List.of("b"), List.of("br"), "a/relu2")
        .node("MatMul", List.of("br", "shared"), List.of("c"), "b/three")
        .node("Add", List.of("c", "ar"), List.of("s"), "b/add")
        .node("Relu", List.of("s"), List.of("r"), "b/relu")
        .node("MatMul", List.of("ar", "captured"), List.of("k"), "b/four")
        .node("Cast", List.of("yes"), List.of("cond"), "", Nodes.integer("to", 9))
        .node(
            "If",
            List.of("cond"),
            List.of("i"),
            "choice",
            Nodes.graph("then_branch", yes),
            Nodes.graph("else_branch", no))
        .node("Mul", List.of("i", "k"), List.of("p"), "")
        .node("Gemm", List.of("p", "w4"), List.of("y"), "last", Nodes.integer("transB", 1))
        .output("y", ElementType.FLOAT, -1, 4)
        .toModel("net");
  }

  /** A search to be done in both ways. */
  private static final class Case {
    private final ModelFile model;
    private final SampleSet samples;
    private final Metric metric;
    private final On on;
    private final Target target;
    private final List<SearchUnit> units;

    Case(
        ModelFile model,
        SampleSet samples,
        On on,
        By by,
        Metric metric,
        double tolerance,
        String numbers) {
      this.model = model;
      this.samples = samples;
      this.metric = metric;
      this.on = on;
      try (Evaluation evaluation = new Evaluation(model, metric, 10, 2)) {
        evaluation.dense(samples, records -> {});
      }
      target = Target.of(samples.denseSum(), samples.size(), tolerance);
      List<SearchUnit> all = SearchSpace.of(model, on, by, Map.of(), Optional.empty()).units();
      String[] range = numbers.split("-");
      units =
          numbers.isEmpty()
              ? all
              : all.subList(
                  Integer.parseInt(range[0]) - 1, Math.min(all.size(), Integer.parseInt(range[1])));
    }

    private SearchSetup setup(long memory, int threads) {
      return new SearchSetup(model, samples, metric, target, false, 10, threads, memory);
    }

    List<UnitResult> fast(List<Double> grid, long memory, int threads) {
      try (FastSearch search = new FastSearch(setup(memory, threads))) {
        return units.stream().map(u -> search.search(u, grid, UnitProgress.NONE)).toList();
      }
    }

    void assertSame(List<Double> grid, long memory, int threads) {
      List<UnitResult> fast = fast(grid, memory, threads);
      try (ExhaustiveSearch search = new ExhaustiveSearch(setup(memory, threads))) {
        for (int i = 0; i < units.size(); i++) {
          UnitResult plain = search.search(units.get(i), grid, UnitProgress.NONE);
          assertThat(fast.get(i).threshold()).as(plain.toString()).isEqualTo(plain.threshold());
          assertThat(fast.get(i).sum()).as(plain.toString()).isEqualTo(plain.sum());
        }
      }
      assertSameTogether(fast, setup(memory, threads));
    }

    /** Some shares of all thresholds at once: the smaller they are, the more hold. */
    private void assertSameTogether(List<UnitResult> found, SearchSetup setup) {
      try (Evaluation evaluation = new Evaluation(model, metric, 10, setup.threads());
          JointTrials plain = JointTrials.plain(setup, evaluation);
          JointTrials fast = new FastTrials(setup, plain, on)) {
        for (double share : List.of(0.0, 0.1, 0.3, 0.6, 1.0)) {
          Map<SearchUnit, Double> thresholds = new LinkedHashMap<>();
          for (int i = 0; i < units.size(); i++) {
            thresholds.put(units.get(i), share * found.get(i).threshold());
          }
          ModelEdit edit =
              new Rewriter(SearchUnit.rules(thresholds, false), false, false).plan(model).edit();
          assertThat(fast.sumIfReached(edit, records -> {}))
              .as(thresholds.toString())
              .isEqualTo(plain.sumIfReached(edit, records -> {}));
        }
      }
    }
  }
}
