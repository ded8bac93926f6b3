package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What rewriting costs beside copying the file: ResNet-50 (102 MB) with 49 taps and 49 thresholds,
 * and a model with 3 GiB of external data, both in a heap of 64 MB; and what Python's onnx needs
 * for the same edit. Options: {@code --rounds N}, {@code --no-external}, {@code --no-python}.
 */
public final class RewriteBench {
  private static final String PYTHON = "/usr/bin/python3";
  private static final int EXTERNAL_LAYERS = 3;

  private RewriteBench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Arguments arguments =
        Arguments.parseOrExit(args, List.of("rounds", "no-external", "no-python"));
    int rounds = arguments.number("rounds", 15);
    Path folder = Files.createTempDirectory(Repository.target("bench"), "rewrite");
    try {
      Path model = folder.resolve("resnet50.onnx");
      BenchModels.resnet50(model, false);
      System.out.printf("ResNet-50, %,d bytes, 49 taps and 49 thresholds%n", Files.size(model));
      double seconds = rewrites(model, rounds, "op:Relu", "compare");
      if (!arguments.flag("no-python")) {
        python(model, seconds);
      }
      Files.delete(model);
      if (!arguments.flag("no-external")) {
        external(folder);
      }
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  /** Runs the measurement in a child with a heap of 64 MB; hands back the median in seconds. */
  private static double rewrites(Path model, int rounds, String pattern, String mode) {
    ChildJvm.Result result =
        ChildJvm.of(Jdk.current(), RewriteRounds.class.getName())
            .ownClassPath()
            .options("-Xmx64m", "-XX:+UseSerialGC")
            .arguments(model.toString(), rounds + "", pattern, mode)
            .limit(Duration.ofMinutes(8))
            .run()
            .orThrow();
    String out = result.out();
    int end = out.lastIndexOf(RewriteRounds.MEDIAN);
    System.out.print(out.substring(0, end));
    return Double.parseDouble(out.substring(end + RewriteRounds.MEDIAN.length()).strip());
  }

  private static void external(Path folder) throws IOException {
    Path model = folder.resolve("external.onnx");
    BenchModels.external(model, EXTERNAL_LAYERS);
    System.out.printf(
        "%nModel with %,d bytes of external data, %d taps and thresholds%n",
        Files.size(folder.resolve("weights.bin")), EXTERNAL_LAYERS);
    rewrites(model, 5, "op:Relu", "beside");
    rewrites(model, 1, "op:Relu", "elsewhere");
  }

  private static void python(Path model, double ourSeconds)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(PYTHON)) || run(PYTHON, "-c", "import onnx") != 0) {
      System.out.println("Python's onnx: not installed (Debian: python3-onnx), not compared");
      return;
    }
    Path script = model.resolveSibling("edit.py");
    try (var source = RewriteBench.class.getResourceAsStream("edit.py")) {
      Files.copy(source, script);
    }
    Path out = model.resolveSibling("python.onnx");
    Process process =
        new ProcessBuilder(PYTHON, script.toString(), model.toString(), out.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the Python edit failed: " + text);
    }
    double[] seconds =
        text.lines().filter(l -> !l.isBlank()).mapToDouble(Double::parseDouble).toArray();
    Quartiles python = Quartiles.of(seconds);
    System.out.printf(
        "  Python's onnx, same edit     %s s; %.1f times ours%n",
        python.format(3), python.median() / ourSeconds);
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
