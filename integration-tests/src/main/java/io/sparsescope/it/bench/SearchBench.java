package io.sparsescope.it.bench;

import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.Choice;
import io.sparsescope.experiments.search.Grid;
import io.sparsescope.experiments.search.JointMode;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchOptions;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.search.ThresholdSearch;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ModelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The threshold search beside the plain way, in one process: ResNet-20 over the first images of
 * CIFAR-10's test set. Fails if the two find different thresholds. Options: {@code --images N}
 * (2,000), {@code --steps N} (a grid of 20), {@code --activations}, {@code --blocks}.
 */
public final class SearchBench {
  private static final int IMAGES = 2000;
  private static final int STEPS = 20;

  /** In thousandths. */
  private static final int TOLERANCE = 2;

  private SearchBench() {}

  /** A search, and how long it took. */
  private record Timed(SearchResult result, double searching, double all) {}

  public static void main(String[] args) {
    Arguments arguments =
        Arguments.parseOrExit(
            args, List.of("images", "steps", "tolerance", "activations", "blocks"));
    Path model = required("models/resnet20_cifar10/resnet20_cifar10.onnx");
    Path data = required("data/cifar10");
    System.out.printf(
        "ResNet-20, CIFAR-10, %d cores%n", Runtime.getRuntime().availableProcessors());
    Timed fast = search(model, data, options(arguments, false));
    print("fast", fast);
    Timed plain = search(model, data, options(arguments, true));
    print("exhaustive", plain);
    compare(fast.result(), plain.result());
    System.out.printf(
        "same thresholds; %.1f times less time (%.1f with reading, counting and the joint run)%n",
        plain.searching() / fast.searching(), plain.all() / fast.all());
  }

  private static Path required(String path) {
    return Repository.shared(path)
        .orElseThrow(() -> new IllegalStateException("../shared/" + path + " is absent"));
  }

  private static SearchOptions options(Arguments arguments, boolean exhaustive) {
    SearchOptions defaults = SearchOptions.DEFAULT;
    boolean activations = arguments.flag("activations");
    String ends = activations ? "linear:0.05:1:" : "linear:0.01:0.2:";
    return new SearchOptions(
        activations ? On.ACTIVATIONS : On.WEIGHTS,
        arguments.flag("blocks") ? By.BLOCK : By.LAYER,
        false,
        Grid.parse(ends + arguments.number("steps", STEPS)),
        Optional.empty(),
        Optional.empty(),
        arguments.number("tolerance", TOLERANCE) / 1000.0,
        Choice.first(arguments.number("images", IMAGES)),
        0,
        JointMode.REPORT,
        Map.of(),
        Optional.empty(),
        defaults.batch(),
        0,
        defaults.threads(),
        defaults.memory(),
        exhaustive);
  }

  private static Timed search(Path model, Path folder, SearchOptions options) {
    DataOptions preparation =
        DataOptions.parse("1/255", ".485,.456,.406", ".229,.224,.225", null, null);
    long[] marks = new long[2];
    long start = System.nanoTime();
    try (ModelFile source = ModelFile.open(model);
        DataSource records =
            DataSpec.parse("cifar10:" + folder).open(InputSpec.of(source), preparation)) {
      SearchResult result =
          new ThresholdSearch(
                  source,
                  options,
                  step -> {
                    if (step.doing().equals(ThresholdSearch.SEARCHING)) {
                      marks[0] = System.nanoTime();
                    } else if (step.doing().equals(ThresholdSearch.ALL_AT_ONCE)) {
                      marks[1] = System.nanoTime();
                    }
                  })
              .run(records, "cifar10", Optional.empty(), false)
              .result();
      long end = System.nanoTime();
      return new Timed(result, (marks[1] - marks[0]) / 1e9, (end - start) / 1e9);
    }
  }

  private static void print(String name, Timed timed) {
    SearchResult result = timed.result();
    System.out.printf(
        "%-10s %.1f s (%.1f s in all), %,d of %,d runs of an image; %d layers, sparsity %.1f %%,"
            + " dense %.4f, all at once %.4f%n",
        name,
        timed.searching(),
        timed.all(),
        result.evaluations().samples(),
        result.evaluations().exhaustive(),
        result.layers().size(),
        100 * result.total().sparsity(),
        result.baselineAccuracy(),
        result.accuracy());
  }

  private static void compare(SearchResult fast, SearchResult plain) {
    for (int i = 0; i < plain.layers().size(); i++) {
      LayerResult a = fast.layers().get(i);
      LayerResult b = plain.layers().get(i);
      if (!a.equals(b)) {
        throw new IllegalStateException("the fast search found " + a + ", the plain way " + b);
      }
    }
  }
}
