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

/** A program of training steps that lives and waits for its turn; what its steps took up to now. */
final class Steps implements AutoCloseable {
  static final String READY = "ready";
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final Path folder;
  private final List<Double> turns = new ArrayList<>();
  private double[] losses = new double[0];
  private long peak;

  /**
   * Starts the program and waits until it is ready.
   *
   * @param folder where it may write; deleted in the end
   */
  Steps(ChildJvm program, Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    process = program.start(folder);
    answers = process.inputReader(StandardCharsets.US_ASCII);
    if (!READY.equals(answers.readLine())) {
      throw failed();
    }
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
    process.getOutputStream().write((steps + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw failed();
    }
    double[] numbers =
        Arrays.stream(answer.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
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
