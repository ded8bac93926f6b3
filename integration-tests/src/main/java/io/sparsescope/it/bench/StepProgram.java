package io.sparsescope.it.bench;

import ai.onnxruntime.OrtException;
import io.sparsescope.onnx.ModelFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A program that makes training steps of a net by its step model on ONNX Runtime when told to.
 * Arguments: the folder of {@link TrainingFiles}, the size of the batch, the number of threads,
 * learning rate, momentum, weight decay; and {@code counted} to have thresholds on all gradients
 * and zeros counted before and behind them.
 *
 * <p>Says {@code ready}; then for each line of standard input, a number of steps, does them and
 * prints in one line the seconds and the loss of each, and the most memory that the process had up
 * to then, in kB.
 */
final class StepProgram {
  private StepProgram() {}

  public static void main(String[] args) throws IOException, OrtException {
    Path folder = Path.of(args[0]);
    boolean counted = args.length > 6 && args[6].equals("counted");
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (ModelFile net = ModelFile.open(folder.resolve("net.onnx"));
        StepRunner runner =
            new StepRunner(
                StepGraphs.of(
                    net, Double.parseDouble(args[4]), Double.parseDouble(args[5]), counted),
                new TrainingFiles(folder, Integer.parseInt(args[1])),
                Integer.parseInt(args[2]),
                Float.parseFloat(args[3]))) {
      System.out.println(TurnProgram.READY);
      for (String line = orders.readLine(); line != null; line = orders.readLine()) {
        StringBuilder answer = new StringBuilder();
        for (int i = Integer.parseInt(line); i > 0; i--) {
          long start = System.nanoTime();
          float loss = runner.run();
          answer.append((System.nanoTime() - start) / 1e9).append(' ').append(loss).append(' ');
        }
        System.out.println(answer.append(peak()));
      }
    }
  }

  /** Linux's VmHWM, in kB. */
  private static String peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .findFirst()
        .orElseThrow();
  }
}
