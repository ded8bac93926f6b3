package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What counting costs: ResNet-50 with taps behind all 49 Relu nodes and every run counted, beside
 * plain runs. First each recipe in one process, in turn; then the same program with and without the
 * agent, in child JVMs, in turn. Options: {@code --rounds N}, {@code --pairs N}, {@code
 * --no-agent}, {@code --quick} (one thread and batch 1 only).
 */
public final class OverheadBench {
  private static final int WARM_UP = 2;

  private OverheadBench() {}

  public static void main(String[] args) throws IOException, OrtException {
    Arguments arguments =
        Arguments.parseOrExit(args, List.of("rounds", "pairs", "no-agent", "quick"));
    int rounds = arguments.number("rounds", 15);
    int pairs = arguments.number("pairs", 5);
    List<Integer> threads = arguments.flag("quick") ? List.of(1) : List.of(1, 2);
    List<Integer> batches = arguments.flag("quick") ? List.of(1) : List.of(1, 8);
    Path folder = Files.createTempDirectory(Repository.target("bench"), "overhead");
    try {
      Path model = folder.resolve("resnet50.onnx");
      BenchModels.resnet50(model, true);
      System.out.println("ResNet-50, 49 taps, every run counted; ratio to the plain run");
      Map<Recipe, Path> models = new EnumMap<>(Recipe.class);
      for (Recipe recipe : Recipe.values()) {
        models.put(recipe, recipe.write(model, folder));
      }
      for (int t : threads) {
        for (int batch : batches) {
          inProcess(models, t, batch, rounds);
        }
      }
      if (!arguments.flag("no-agent")) {
        for (int t : threads) {
          for (int batch : batches) {
            underAgent(model, t, batch, pairs, rounds);
          }
        }
      }
    } finally {
      Cleanup.deleteTree(folder);
    }
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
    for (Recipe recipe : List.of(Recipe.FAST, Recipe.BOOL_BYTES)) {
      if (zeros.get(recipe) != expected) {
        throw new IllegalStateException(
            recipe + " counts " + zeros.get(recipe) + " zeros, not " + expected);
      }
    }
    System.out.printf("  %,d zeros a run, by every recipe that counts them%n", expected);
  }

  private static void underAgent(Path model, int threads, int batch, int pairs, int rounds)
      throws IOException {
    System.out.printf(
        "%n%d thread(s), batch %d, the same program without and with the agent, %d pairs%n",
        threads, batch, pairs);
    Path profile = model.resolveSibling("profile.json");
    int runs = batch == 1 ? rounds * 2 : rounds;
    double[] plain = new double[pairs];
    double[] counted = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      plain[i] = seconds(program(model, threads, batch, runs));
      counted[i] =
          seconds(
              program(model, threads, batch, runs)
                  .agent(Repository.agentJar(), "tap=op:Relu,out=" + profile));
      if (!Files.exists(profile)) {
        throw new IllegalStateException("the agent wrote no profile");
      }
      Files.delete(profile);
    }
    System.out.printf(
        "  without %s s%n  with    %s s%n  ratio   %s   (target: at most 1.12)%n",
        Quartiles.of(plain).format(4),
        Quartiles.of(counted).format(4),
        Quartiles.ofRatios(counted, plain).format(3));
  }

  private static ChildJvm program(Path model, int threads, int batch, int runs) {
    return ChildJvm.of(Jdk.current(), InferenceProgram.class.getName())
        .classPath(InferenceProgram.classPath())
        .arguments(model.toString(), threads + "", batch + "", runs + "")
        .limit(Duration.ofMinutes(5));
  }

  private static double seconds(ChildJvm program) {
    return Double.parseDouble(program.run().orThrow().out().strip());
  }
}
