package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A program that lives and waits for its turn: it says {@value #READY}, then for each line with a
 * number works so often and answers with a line of numbers.
 */
final class TurnProgram implements AutoCloseable {
  static final String READY = "ready";
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final Path folder;

  /**
   * Starts the program and waits until it is ready.
   *
   * @param folder where it may write; deleted in the end
   */
  TurnProgram(ChildJvm program, Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    process = program.start(folder);
    answers = process.inputReader(StandardCharsets.US_ASCII);
    if (!READY.equals(answers.readLine())) {
      throw failed();
    }
  }

  /** Has it work and waits for the answer. */
  double[] work(int times) throws IOException {
    process.getOutputStream().write((times + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw failed();
    }
    return Arrays.stream(answer.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
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
