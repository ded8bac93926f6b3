package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What counting costs: ResNet-50 with taps behind all 49 Relu nodes, beside plain runs. First each
 * recipe in one process, in turn, every run counted; then the same program with and without the
 * agent, a block of runs each in turn. Options: {@code --rounds N}, {@code --no-recipes}, {@code
 * --no-agent}, {@code --threads N} and {@code --batch N} (one and two, 1 and 8 if left out), {@code
 * --quick} (one thread, batch 1, few rounds).
 */
public final class OverheadBench {
  private static final int WARM_UP = 2;

  private OverheadBench() {}

  public static void main(String[] args) throws IOException, OrtException {
    Arguments arguments =
        Arguments.parseOrExit(
            args, List.of("rounds", "threads", "batch", "no-recipes", "no-agent", "quick"));
    boolean quick = arguments.flag("quick");
    int rounds = arguments.number("rounds", quick ? 5 : 20);
    List<Integer> threads = only(arguments.number("threads", quick ? 1 : 0), List.of(1, 2));
    List<Integer> batches = only(arguments.number("batch", quick ? 1 : 0), List.of(1, 8));
    Path folder = Files.createTempDirectory(Repository.target("bench"), "overhead");
    try {
      Path model = folder.resolve("resnet50.onnx");
      BenchModels.resnet50(model, true);
      System.out.println("ResNet-50, 49 taps; ratio to the plain run");
      if (!arguments.flag("no-recipes")) {
        Map<Recipe, Path> models = new EnumMap<>(Recipe.class);
        for (Recipe recipe : Recipe.values()) {
          models.put(recipe, recipe.write(model, folder));
        }
        for (int t : threads) {
          for (int batch : batches) {
            inProcess(models, t, batch, rounds);
          }
        }
      }
      if (!arguments.flag("no-agent")) {
        for (int t : threads) {
          for (int batch : batches) {
            // So many runs that sampling one in a hundred shows.
            AgentRounds.run(model, t, batch, rounds, batch == 1 ? 10 : 5);
          }
        }
      }
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  private static List<Integer> only(int asked, List<Integer> all) {
    return asked > 0 ? List.of(asked) : all;
  }

  private static void inProcess(Map<Recipe, Path> models, int threads, int batch, int rounds)
      throws OrtException {
    System.out.printf(
        "%n%d thread(s), batch %d, in one process, %d rounds%n", threads, batch, rounds);
    Map<Recipe, CountingSession> sessions = new EnumMap<>(Recipe.class);
    Map<Recipe, double[]> seconds = new EnumMap<>(Recipe.class);
    Map<Recipe, Long> zeros = new EnumMap<>(Recipe.class);
    try (OnnxTensor images = CountingSession.images(batch)) {
      for (Map.Entry<Recipe, Path> entry : models.entrySet()) {
        Recipe recipe = entry.getKey();
        sessions.put(recipe, new CountingSession(recipe, entry.getValue(), threads));
        seconds.put(recipe, new double[rounds]);
      }
      int repeats = batch == 1 ? 4 : 1;
      for (int round = -WARM_UP; round < rounds; round++) {
        for (Map.Entry<Recipe, CountingSession> entry : sessions.entrySet()) {
          long start = System.nanoTime();
          for (int i = 0; i < repeats; i++) {
            zeros.put(entry.getKey(), entry.getValue().run(images));
          }
          if (round >= 0) {
            seconds.get(entry.getKey())[round] = (System.nanoTime() - start) / 1e9 / repeats;
          }
        }
      }
    } finally {
      for (CountingSession session : sessions.values()) {
        session.close();
      }
    }
    print(seconds);
    checkAgreement(zeros);
  }

  private static void print(Map<Recipe, double[]> seconds) {
    double[] plain = seconds.get(Recipe.PLAIN);
    System.out.printf("  %-45s %s s%n", Recipe.PLAIN.title(), Quartiles.of(plain).format(4));
    seconds.forEach(
        (recipe, times) -> {
          if (recipe != Recipe.PLAIN) {
            System.out.printf(
                "  %-45s %s%n", recipe.title(), Quartiles.ofRatios(times, plain).format(3));
          }
        });
  }

  /** Recipes that count the same way must count the same. */
  private static void checkAgreement(Map<Recipe, Long> zeros) {
    long expected = zeros.get(Recipe.RAW_COUNTED);
    for (Recipe recipe : List.of(Recipe.FAST, Recipe.CHANNELS, Recipe.BOOL_BYTES)) {
      if (zeros.get(recipe) != expected) {
        throw new IllegalStateException(
            recipe + " counts " + zeros.get(recipe) + " zeros, not " + expected);
      }
    }
    System.out.printf("  %,d zeros a run, by every recipe that counts them%n", expected);
  }
}
