package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A {@link BlockProgram} that lives and waits for its turn; what its runs took up to now. */
final class Blocks implements AutoCloseable {
  private final TurnProgram program;
  private final List<double[]> blocks = new ArrayList<>();
  private final List<Double> worked = new ArrayList<>();

  /**
   * Starts the program and waits until it is ready.
   *
   * @param folder where it may write; deleted in the end
   */
  Blocks(ChildJvm program, Path folder) throws IOException {
    this.program = new TurnProgram(program, folder);
  }

  /** Runs a block, waits for its end and remembers what it took. */
  void measure(int runs) throws IOException {
    double[] seconds = program.work(runs);
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

  /** Lets the program end by itself. */
  @Override
  public void close() throws IOException {
    program.close();
  }
}
