package io.sparsescope.it.bench;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.OfflineProfiler.Detail;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.it.Browser;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.zoo.ImageShape;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.profile.Profile;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How long a report page takes: from files to the page by the command, beside the command that only
 * tells its version, in turn; and in a browser from opening the page to its first paint. The page
 * is of ResNet-152 with every node tapped, 518 activations, and its model. Options: {@code --pairs
 * N}.
 */
public final class ReportBench {
  private static final List<Integer> RESNET152 = List.of(3, 8, 36, 3);
  private static final ImageShape IMAGES = new ImageShape(3, 32, 32);
  private static final String PAINT =
      "const all = performance.getEntriesByName('first-contentful-paint');"
          + " return all.length ? all[0].startTime : -1";

  private ReportBench() {}

  public static void main(String[] args) throws IOException {
    int pairs = Arguments.parseOrExit(args, List.of("pairs")).number("pairs", 9);
    Path folder = Files.createTempDirectory(Repository.target("bench"), "report");
    try {
      Path model =
          Zoo.residual(RESNET152, IMAGES, 100, 1).writeTo(folder.resolve("resnet152.onnx"));
      Path profile = folder.resolve("profile.json");
      Profile taken = profile(model);
      taken.writeTo(profile);
      System.out.printf(
          "ResNet-152, %d tensors counted, profile of %,d KB, %d cores, %d pairs%n",
          taken.models().get(0).runTaps().size(),
          Files.size(profile) / 1000,
          Runtime.getRuntime().availableProcessors(),
          pairs);
      Path page = folder.resolve("report.html");
      write(profile, model, page, pairs);
      paint(page, pairs);
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  private static Profile profile(Path path) {
    Rules all = new Rules(List.of(), List.of(), List.of("**"), Map.of());
    try (ModelFile model = ModelFile.open(path);
        DataSource data = DataSpec.parse("random:5").open(InputSpec.of(model), DataOptions.NONE)) {
      OfflineProfiler.Options options =
          new OfflineProfiler.Options(1, OptionalLong.of(2), false, Detail.HISTOGRAMS, false);
      return new OfflineProfiler(model, all, options).run(data, Progress.NONE);
    }
  }

  private static void write(Path profile, Path model, Path page, int pairs) throws IOException {
    double[] version = new double[pairs];
    double[] report = new double[pairs];
    // The first of each warms the page cache.
    for (int i = -1; i < pairs; i++) {
      double base = seconds("--version");
      double all = seconds("report", profile + "", "--model", model + "", "-o", page + "");
      if (i >= 0) {
        version[i] = base;
        report[i] = all;
      }
    }
    System.out.printf(
        "files to page: %s s, the command's start included; --version alone %s s; ratio %s; page of %,d KB%n",
        Quartiles.of(report).format(3),
        Quartiles.of(version).format(3),
        Quartiles.ofRatios(report, version).format(2),
        Files.size(page) / 1000);
  }

  /** Of the launcher, from its start to its end. */
  private static double seconds(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve("sparsescope").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.INHERIT);
    builder.environment().remove("CLASSPATH");
    long start = System.nanoTime();
    Process process = builder.start();
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException("exit code " + process.exitValue() + ": " + command);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void paint(Path page, int rounds) throws IOException {
    Optional<Browser> started = Browser.start();
    if (started.isEmpty()) {
      return;
    }
    try (Browser browser = started.get()) {
      for (String view : List.of("overview", "graph", "tables", "plots")) {
        double[] paints = new double[rounds];
        for (int i = -1; i < rounds; i++) {
          browser.open("about:blank", 1600, 1000, false);
          browser.open(page.toUri() + "#" + view, 1600, 1000, false);
          double painted = painted(browser);
          if (i >= 0) {
            paints[i] = painted / 1e3;
          }
        }
        System.out.printf("first paint, %s: %s s%n", view, Quartiles.of(paints).format(3));
      }
    }
  }

  private static double painted(Browser browser) {
    double painted = -1;
    for (long end = System.nanoTime() + 30_000_000_000L; painted < 0; ) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("nothing was painted within 30 s");
      }
      painted = browser.<Number>js(PAINT).doubleValue();
    }
    return painted;
  }
}
