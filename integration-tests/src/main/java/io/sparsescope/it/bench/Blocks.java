package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A {@link BlockProgram} that lives and waits for its turn; what its runs took up to now. */
final class Blocks implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final Path folder;
  private final List<double[]> blocks = new ArrayList<>();
  private final List<Double> worked = new ArrayList<>();

  /**
   * Starts the program and waits until it is ready.
   *
   * @param folder where it may write; deleted in the end
   */
  Blocks(ChildJvm program, Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    process = program.start(folder);
    answers = process.inputReader(StandardCharsets.US_ASCII);
    if (!BlockProgram.READY.equals(answers.readLine())) {
      throw failed();
    }
  }

  /** Runs a block, waits for its end and remembers what it took. */
  void measure(int runs) throws IOException {
    process.getOutputStream().write((runs + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw failed();
    }
    double[] seconds = Stream.of(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
    blocks.add(Arrays.copyOf(seconds, runs));
    worked.add(seconds[runs]);
  }

  /** Mean seconds of a run, block by block. */
  double[] means() {
    return blocks.stream()
        .mapToDouble(block -> Arrays.stream(block).average().orElseThrow())
        .toArray();
  }

  /** Seconds that the processors worked for the JVM, block by block. */
  double[] worked() {
    return worked.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Seconds of all runs together. */
  double total() {
    return blocks.stream().flatMapToDouble(Arrays::stream).sum();
  }

  /** Of all runs the seconds that a share of them does not exceed. */
  double quantile(double share) {
    double[] sorted = blocks.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  private IllegalStateException failed() throws IOException {
    process.destroyForcibly();
    return new IllegalStateException(
        "the program ended: " + Files.readString(folder.resolve("stderr")));
  }

  /** Lets the program end by itself. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
    Cleanup.deleteTree(folder);
  }
}
