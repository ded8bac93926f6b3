package io.sparsescope.it.page;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.OfflineProfiler.Detail;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.page.ReportPage;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.experiments.train.series.SeriesRecorder;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.PerRun;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.IntFunction;

/** Pages to drive: of a ResNet-14 as it was profiled, of 500 layers, of hostile names. */
final class ReportFixtures {
  static final int STEPS = 100_000;

  private final Path folder;

  ReportFixtures(Path folder) {
    this.folder = folder;
  }

  /** Two profiles, a search result, a series of {@link #STEPS} steps, a sweep and the model. */
  Path mixed() {
    Path model = Zoo.RESNET14.build(7).writeTo(folder.resolve("resnet14.onnx"));
    Rules dense = new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());
    ThresholdRule half = new ThresholdRule("op:Relu", .5, false, false, false);
    Rules sparse = new Rules(List.of(), List.of(half), List.of("layer:*"), Map.of());
    Path before = profile(model, dense, "before", Detail.HISTOGRAMS);
    Path after = profile(model, sparse, "after", Detail.CHANNELS);
    return page("mixed", Optional.of(model), before, after, search(), series(), sweep());
  }

  private Path profile(Path path, Rules rules, String name, Detail detail) {
    Path file = folder.resolve(name + ".json");
    try (ModelFile model = ModelFile.open(path);
        DataSource data = DataSpec.parse("random:5").open(InputSpec.of(model), DataOptions.NONE)) {
      new OfflineProfiler(
              model,
              rules,
              new OfflineProfiler.Options(2, OptionalLong.of(6), false, detail, false))
          .run(data, (done, all) -> {})
          .writeTo(file);
    }
    return file;
  }

  private Path search() {
    Path file = folder.resolve("search.json");
    StringBuilder layers = new StringBuilder();
    List<String> names = List.of("conv1", "block1/unit_1/conv1", "block1/unit_1/conv2", "logits");
    for (int i = 0; i < names.size(); i++) {
      layers.append(
          """
          %s{"layer":"%s","block":"","threshold":%s,"thresholdAlone":%s,"elements":1000,
          "zeros":%d,"denseZeros":0,"accuracyAlone":%s}"""
              .formatted(
                  i == 0 ? "" : ",", names.get(i), .01 * i, .02 * (i + 1), 100 * i, .9 - .005 * i));
    }
    SearchResult.parse(
            "search",
            """
            {"format":"sparsescope-search","version":1,"model":"resnet14.onnx","samples":500,
             "metric":"top-1","baselineAccuracy":0.9,"accuracy":0.88,"tolerance":0.01,"seed":0,
             "holds":true,"layers":[%s]}
            """
                .formatted(layers))
        .writeTo(file);
    return file;
  }

  private Path sweep() {
    Path file = folder.resolve("sweep.json");
    new SweepResult(
            "LeNet",
            "gradient-threshold",
            .98,
            List.of(
                new SweepRun(0, .98, 1., .01, 500, ""),
                new SweepRun(1e-4, .981, 1.001, .6, 500, ""),
                new SweepRun(1e-3, .97, .99, .95, 500, "")))
        .writeTo(file);
    return file;
  }

  private Path series() {
    Random random = new Random(3);
    List<CountedGradient> gradients = new ArrayList<>();
    for (String layer : List.of("conv1", "conv2", "fc3", "fc4")) {
      gradients.add(new CountedGradient(layer + "/weights", layer, "", 1000, 4));
    }
    SeriesRecorder recorder = new SeriesRecorder(gradients, 1, STEPS);
    for (int step = 1; step <= STEPS; step++) {
      long[] zeros = new long[4];
      for (int i = 0; i < 4; i++) {
        double trend = 900 * (1 - Math.exp(-step / (5000. * (i + 1))));
        zeros[i] = Math.round(Math.min(1000, trend + 90 * random.nextDouble()));
      }
      recorder.record(step, 2.3 * Math.exp(-step / 3e4) + .1 * random.nextDouble(), zeros, zeros);
      if (step % 10_000 == 0) {
        recorder.recordAccuracy(step, .99 - .5 / (1 + step / 10_000.));
      }
    }
    Path file = folder.resolve("lenet.json");
    recorder.series("LeNet", Map.of("lr", "0.01")).withBaseline(.98).writeTo(file);
    return file;
  }

  /** 500 layers in 50 blocks, the model beside. */
  Path deep() {
    IntFunction<String> name =
        i -> "encoder/stage.%d/block.%d/dense_%03d".formatted(i / 100, i / 10 % 10, i);
    Path model = PageModels.write(folder.resolve("deep500.onnx"), 500, name);
    return page("deep", Optional.of(model), profile("deep500", "deep500.onnx", 500, name));
  }

  Path hostile(String evil) {
    Path file = profile("hostile", evil, 3, i -> evil + i);
    return page("hostile", Optional.empty(), file);
  }

  /** Layer i is i/n zero. */
  private Path profile(String file, String model, int layers, IntFunction<String> name) {
    List<TapProfile> taps = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      double share = (double) i / layers;
      String layer = name.apply(i);
      taps.add(
          new TapProfile(
              layer + "/Relu",
              "Relu",
              layer,
              layer,
              layer.substring(0, Math.max(0, layer.lastIndexOf('/'))),
              TapKind.ACTIVATION,
              "float32",
              10,
              1000L * layers,
              1000L * i,
              0,
              new PerRun(.9 * share, Math.min(1, share + .05), share, .02),
              0));
    }
    ModelProfile one =
        new ModelProfile(
            model, "", "g", 17, 1, 10, 10, taps, null, null, null, null, null, "", null, null);
    Path path = folder.resolve(file + ".json");
    new Profile(AgentInfo.of("", ""), List.of(one)).writeTo(path);
    return path;
  }

  private Path page(String name, Optional<Path> model, Path... files) {
    return page(folder, name, model, files);
  }

  /** A page of the files, named as said. */
  static Path page(Path folder, String name, Optional<Path> model, Path... files) {
    List<ReportFile> read = new ArrayList<>();
    for (Path file : files) {
      read.add(ReportFile.read(file.toString()));
    }
    Path out = folder.resolve(name + ".html");
    ReportPage.write(read, Optional.empty(), model, out);
    return out;
  }
}
