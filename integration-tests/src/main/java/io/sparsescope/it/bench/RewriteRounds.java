package io.sparsescope.it.bench;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Rewrites a model again and again, and copies it between. Arguments: model, rounds, pattern of
 * taps and thresholds, and {@code compare} (with copies), {@code beside} (output in the model's
 * folder) or {@code elsewhere} (output in a folder below, which external data must follow).
 */
final class RewriteRounds {
  /** What the last line of output begins with: the median of a rewrite in seconds follows. */
  static final String MEDIAN = "median ";

  private static final int WARM_UP = 10;

  private final Path model;
  private final Path out;
  private final Rules rules;

  private RewriteRounds(Path model, Path out, String pattern) {
    this.model = model;
    this.out = out;
    this.rules =
        new Rules(
            List.of(),
            List.of(new ThresholdRule(pattern, 1e-3, false, false, false)),
            List.of(pattern),
            Map.of());
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path model = Path.of(args[0]);
    int rounds = Integer.parseInt(args[1]);
    String mode = args[3];
    Path folder =
        mode.equals("elsewhere")
            ? Files.createDirectories(model.resolveSibling("elsewhere"))
            : model.getParent();
    RewriteRounds bench = new RewriteRounds(model, folder.resolve("rewritten.onnx"), args[2]);
    double[] rewrites = mode.equals("compare") ? bench.compare(rounds) : bench.rewriteOnly(rounds);
    System.out.printf(
        "  heap: at most %,d MB of %,d MB used%n",
        peakHeap() >> 20, Runtime.getRuntime().maxMemory() >> 20);
    System.out.println(MEDIAN + Quartiles.of(rewrites).median());
  }

  private double[] rewriteOnly(int rounds) throws IOException {
    double[] seconds = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      seconds[i] = time(this::rewrite);
    }
    System.out.printf(
        "  rewrite, output in %s     %s s%n",
        out.getParent().equals(model.getParent())
            ? "the model's folder, external data stays"
            : "another folder, external data is copied",
        Quartiles.of(seconds).format(4));
    return seconds;
  }

  private double[] compare(int rounds) throws IOException, InterruptedException {
    double[] copies = new double[rounds];
    double[] programs = new double[rounds];
    double[] rewrites = new double[rounds];
    System.out.printf("  first rewrite of this JVM     %.4f s%n", time(this::rewrite));
    for (int i = -WARM_UP; i < rounds; i++) {
      double copy = time(this::copyInProcess);
      double rewrite = time(this::rewrite);
      double program = time(this::cp);
      double again = time(this::rewrite);
      if (i >= 0) {
        copies[i] = copy;
        programs[i] = program;
        rewrites[i] = (rewrite + again) / 2;
      }
    }
    System.out.printf(
        "  copy in process (FileChannel) %s s%n  /bin/cp                       %s s%n"
            + "  rewrite                       %s s%n",
        Quartiles.of(copies).format(4),
        Quartiles.of(programs).format(4),
        Quartiles.of(rewrites).format(4));
    System.out.printf(
        "  rewrite / copy in process     %s%n  rewrite / cp                  %s   (target: at most 3)%n",
        Quartiles.ofRatios(rewrites, copies).format(2),
        Quartiles.ofRatios(rewrites, programs).format(2));
    return rewrites;
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Seconds a step takes; what it wrote is deleted, outside of the time. */
  private double time(Step step) throws IOException {
    long start = System.nanoTime();
    step.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    Files.deleteIfExists(out);
    return seconds;
  }

  private void rewrite() throws IOException {
    try (ModelFile file = ModelFile.open(model)) {
      Rewrite rewrite = new Rewriter(rules, false, true).plan(file);
      if (rewrite.taps().size() != rewrite.thresholds().size() || rewrite.taps().isEmpty()) {
        throw new IllegalStateException(
            rewrite.taps().size() + " taps, " + rewrite.thresholds().size() + " thresholds");
      }
      rewrite.edit().check();
      rewrite.edit().writeTo(out);
    }
  }

  private void copyInProcess() throws IOException {
    try (FileChannel from = FileChannel.open(model);
        FileChannel to =
            FileChannel.open(out, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long done = 0;
      while (done < from.size()) {
        done += from.transferTo(done, from.size() - done, to);
      }
    }
  }

  private void cp() throws IOException {
    try {
      int code = new ProcessBuilder("/bin/cp", model.toString(), out.toString()).start().waitFor();
      if (code != 0) {
        throw new IOException("cp failed with exit code " + code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static long peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
