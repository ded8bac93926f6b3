package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of training steps that lives and waits for its turn; what its steps took up to now. */
final class Steps implements AutoCloseable {
  private final TurnProgram program;
  private final List<Double> turns = new ArrayList<>();
  private double[] losses = new double[0];
  private long peak;

  /**
   * Starts the program and waits until it is ready.
   *
   * @param folder where it may write; deleted in the end
   */
  Steps(ChildJvm program, Path folder) throws IOException {
    this.program = new TurnProgram(program, folder);
  }

  /** Takes the first steps, which are not measured; their losses are kept. */
  void begin(int steps) throws IOException {
    double[] answer = run(steps);
    losses = new double[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = answer[2 * i + 1];
    }
  }

  /** Takes some steps, waits for their end and remembers the median of their seconds. */
  void measure(int steps) throws IOException {
    double[] answer = run(steps);
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      seconds[i] = answer[2 * i];
    }
    turns.add(Quartiles.of(seconds).median());
  }

  private double[] run(int steps) throws IOException {
    double[] numbers = program.work(steps);
    peak = (long) numbers[2 * steps];
    return numbers;
  }

  /** Median seconds of a step, turn by turn. */
  double[] seconds() {
    return turns.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Losses of the first steps. */
  double[] losses() {
    return losses.clone();
  }

  /** The most memory that the program had up to its last turn, in MB. */
  double peak() {
    return peak * 1024 / 1e6;
  }

  /** Lets the program end by itself. */
  @Override
  public void close() throws IOException {
    program.close();
  }
}
