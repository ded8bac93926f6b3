package io.sparsescope.it.page;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.OfflineProfiler.Detail;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.Choice;
import io.sparsescope.experiments.search.Grid;
import io.sparsescope.experiments.search.JointMode;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchOptions;
import io.sparsescope.experiments.search.ThresholdSearch;
import io.sparsescope.experiments.train.Augmentation;
import io.sparsescope.experiments.train.Schedule;
import io.sparsescope.experiments.train.SparseGradients;
import io.sparsescope.experiments.train.TrainListener;
import io.sparsescope.experiments.train.TrainOptions;
import io.sparsescope.experiments.train.Trainer;
import io.sparsescope.experiments.train.TrainingRequest;
import io.sparsescope.experiments.train.TrainingSetup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.it.services.Service;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Pages of what the tool itself finds on nets and in a service: a few records and steps of each.
 */
final class RealReports {
  private static final DataOptions CIFAR =
      DataOptions.parse("1/255", ".485,.456,.406", ".229,.224,.225", null, null);
  private static final DataOptions MNIST = DataOptions.parse("1/255", null, null, null, null);
  static final int STEPS = 20;

  private final Path folder;

  RealReports(Path folder) {
    this.folder = folder;
  }

  /** The trained ResNet-20: a profile with histograms and a threshold search over CIFAR-10. */
  Optional<Path> resnet20() {
    Optional<Path> model = Repository.shared("models/resnet20_cifar10/resnet20_cifar10.onnx");
    Optional<Path> data = Repository.shared("data/cifar10");
    if (model.isEmpty() || data.isEmpty()) {
      return Optional.empty();
    }
    String spec = "cifar10:" + data.get();
    return Optional.of(
        ReportFixtures.page(
            folder,
            "resnet20",
            model,
            profile(model.get(), spec, CIFAR, "layer:*", 20),
            search(model.get(), spec, CIFAR)));
  }

  /** LeNet, trained for a few steps on MNIST: its series, then a profile and a search. */
  Optional<Path> lenet() {
    Optional<Path> data = Repository.shared("data/mnist");
    if (data.isEmpty()) {
      return Optional.empty();
    }
    String spec = "idx:" + data.get() + "#test";
    Path model = folder.resolve("lenet.onnx");
    Path series = train(spec, model);
    return Optional.of(
        ReportFixtures.page(
            folder,
            "lenet",
            Optional.of(model),
            profile(model, spec, MNIST, "layer:*", 100),
            search(model, spec, MNIST),
            series));
  }

  private Path train(String spec, Path model) {
    TrainOptions options =
        new TrainOptions(
            Optimizer.parse("adam"),
            Schedule.parse("0.001"),
            64,
            1,
            OptionalLong.of(STEPS),
            OptionalLong.empty(),
            1,
            1,
            1,
            Augmentation.NONE);
    Rule rule = Rule.of("**", "sparse,1e-3", false, false, false, false);
    SparseGradients sparse = new SparseGradients(Rules.NONE.withGradients(List.of(rule)), false);
    TrainingRequest request =
        new TrainingRequest(
            "lenet",
            spec,
            Optional.empty(),
            MNIST,
            OptionalLong.of(64L * STEPS),
            OptionalInt.empty(),
            Objective.of(Loss.SOFTMAX_CROSS_ENTROPY),
            List.of(),
            options,
            Optional.empty(),
            false);
    Path series = folder.resolve("training.json");
    try (TrainingSetup setup = request.prepare();
        Trainer trainer = new Trainer(setup.with(sparse), TrainListener.NONE)) {
      trainer.run().series().writeTo(series);
      trainer.write(model);
    }
    return series;
  }

  /** LangChain4j's MiniLM in a service that runs under the agent. */
  Path miniLm() throws IOException {
    Path sentences =
        Files.write(
            folder.resolve("sentences.txt"),
            List.of("A curious cat counts zeros.", "Nobody dreams of the river.", "She paints."));
    Path profile = folder.resolve("minilm.json");
    new Service(
            "langchain4j",
            "io.sparsescope.it.services.EmbeddingService",
            List.of(sentences.toString()))
        .on(Jdk.current(), "1.29.0")
        .agent(Repository.agentJar(), "histogram=true,out=" + profile)
        .run()
        .orThrow();
    return ReportFixtures.page(folder, "minilm", Optional.empty(), profile);
  }

  /** ResNet-50's topology made deeper and narrow, every node of it tapped. */
  Path deep() {
    Path model = PageModels.residual(folder.resolve("deep-resnet.onnx"), 3, 8, 36, 3);
    Path profile = profile(model, "random:5", DataOptions.NONE, "**", 4);
    return ReportFixtures.page(folder, "deep-resnet", Optional.of(model), profile);
  }

  private Path profile(Path path, String spec, DataOptions preparation, String tap, int records) {
    Path file = folder.resolve(path.getFileName() + ".profile.json");
    Rules rules = new Rules(List.of(), List.of(), List.of(tap), Map.of());
    OfflineProfiler.Options options =
        new OfflineProfiler.Options(
            Math.max(1, records / 4), OptionalLong.of(records), false, Detail.HISTOGRAMS, false);
    try (ModelFile model = ModelFile.open(path);
        DataSource data = DataSpec.parse(spec).open(InputSpec.of(model), preparation)) {
      new OfflineProfiler(model, rules, options).run(data, Progress.NONE).writeTo(file);
    }
    return file;
  }

  private Path search(Path path, String spec, DataOptions preparation) {
    Path file = folder.resolve(path.getFileName() + ".search.json");
    SearchOptions defaults = SearchOptions.DEFAULT;
    SearchOptions options =
        new SearchOptions(
            On.WEIGHTS,
            By.LAYER,
            false,
            Grid.parse("pow2:0.25:0.015"),
            Optional.empty(),
            Optional.empty(),
            0,
            Choice.first(40),
            0,
            JointMode.REPORT,
            Map.of(),
            Optional.empty(),
            defaults.batch(),
            0,
            defaults.threads(),
            defaults.memory(),
            false);
    try (ModelFile model = ModelFile.open(path);
        DataSource data = DataSpec.parse(spec).open(InputSpec.of(model), preparation)) {
      new ThresholdSearch(model, options, step -> {})
          .run(data, spec, Optional.empty(), false)
          .result()
          .writeTo(file);
    }
    return file;
  }
}
