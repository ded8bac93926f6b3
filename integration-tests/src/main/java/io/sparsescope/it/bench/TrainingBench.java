package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.zoo.Zoo;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a training step takes: the step model on ONNX Runtime beside PyTorch (through DJL), the same
 * net, batch, weights, momentum SGD and weight decay in both, on random images; and beside itself
 * with thresholds on all gradients and their zeros counted before and behind. Each is a JVM of its
 * own; all are alive at once and take some steps each in turn. Fails if the losses of the first
 * steps differ. Options: {@code --rounds N}, {@code --threads N} (both one and two if left out),
 * {@code --lenet}, {@code --cifarnet}, {@code --resnet14} (all nets if none is named), {@code
 * --no-pytorch}.
 */
public final class TrainingBench {
  private static final int ROUNDS = 12;
  private static final int STEPS_IN_TURN = 3;
  private static final int FIRST_STEPS = 5;
  private static final int CLASSES = 10;
  private static final String RATE = "0.0005";
  private static final String MOMENTUM = "0.9";
  private static final String DECAY = "0.004";

  /** As far as two ways to compute in float32 may part in a few steps; relative. */
  private static final double AGREEMENT = 1e-3;

  /** The nets, by their sizes of a batch and the targets of ours / PyTorch's. */
  private enum Net {
    LENET(Zoo.LENET, 128, 0.7),
    CIFARNET(Zoo.CIFARNET, 128, 1.0),
    RESNET14(Zoo.RESNET14, 32, 0.6);

    private final Zoo zoo;
    private final int batch;
    private final double target;

    Net(Zoo zoo, int batch, double target) {
      this.zoo = zoo;
      this.batch = batch;
      this.target = target;
    }
  }

  /** Who takes the steps. */
  private enum Way {
    OURS,
    COUNTED,
    PYTORCH
  }

  private TrainingBench() {}

  public static void main(String[] args) throws IOException {
    Arguments arguments =
        Arguments.parseOrExit(
            args, List.of("rounds", "threads", "lenet", "cifarnet", "resnet14", "no-pytorch"));
    int rounds = arguments.number("rounds", ROUNDS);
    List<Integer> threads =
        arguments.flag("threads") ? List.of(arguments.number("threads", 1)) : List.of(1, 2);
    List<Net> nets = Stream.of(Net.values()).filter(n -> arguments.flag(n.zoo.label())).toList();
    List<Way> ways = new ArrayList<>(List.of(Way.values()));
    if (arguments.flag("no-pytorch")) {
      ways.remove(Way.PYTORCH);
    }
    System.out.printf(
        "training steps, %d cores, %d rounds of %d steps; median [quartiles]%n",
        Runtime.getRuntime().availableProcessors(), rounds, STEPS_IN_TURN);
    Path folder = Files.createTempDirectory(Repository.target("bench"), "training");
    try {
      for (Net net : nets.isEmpty() ? List.of(Net.values()) : nets) {
        for (int t : threads) {
          measure(net, t, ways, rounds, folder);
        }
      }
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  private static void measure(Net net, int threads, List<Way> ways, int rounds, Path folder)
      throws IOException {
    TrainingFiles files = files(net, folder);
    Map<Way, Steps> programs = new EnumMap<>(Way.class);
    try {
      for (Way way : ways) {
        Path own = folder.resolve(way.name().toLowerCase(Locale.ROOT));
        programs.put(way, new Steps(program(way, files, threads), own));
        programs.get(way).begin(FIRST_STEPS);
      }
      for (int round = 0; round < rounds; round++) {
        // Always in this order: nobody's turn follows another of its own, with its memory in cache.
        for (Way way : ways) {
          programs.get(way).measure(STEPS_IN_TURN);
        }
      }
      print(net, threads, programs);
    } finally {
      for (Steps program : programs.values()) {
        program.close();
      }
    }
  }

  private static TrainingFiles files(Net net, Path folder) throws IOException {
    Path own = Files.createDirectories(folder.resolve(net.zoo.label()));
    TrainingFiles files = new TrainingFiles(own, net.batch);
    Path model = own.resolve("net.onnx");
    net.zoo.build(net.zoo.input(), CLASSES, 1).writeTo(model);
    try (ModelFile file = ModelFile.open(model)) {
      files.write(file, CLASSES);
    }
    return files;
  }

  private static ChildJvm program(Way way, TrainingFiles files, int threads) throws IOException {
    // The JVM's own memory is kept small, to see what a step takes.
    List<String> jvm = List.of("-Xmx256m", "-XX:+UseSerialGC");
    String folder = files.folder().toString();
    String batch = Integer.toString(files.batch());
    if (way == Way.PYTORCH) {
      return ChildJvm.of(Jdk.current(), "io.sparsescope.it.pytorch.TorchProgram")
          .classPath(pytorch())
          .options(jvm.toArray(String[]::new))
          .options(
              "-Dai.djl.offline=true",
              "-DOPT_OUT_TRACKING=true",
              "-DDJL_CACHE_DIR=" + Repository.target("djl"),
              "-DENGINE_CACHE_DIR=" + Repository.target("djl"),
              "-Dai.djl.pytorch.num_threads=" + threads,
              "-Dai.djl.pytorch.num_interop_threads=1")
          .arguments(folder, batch, RATE, MOMENTUM, DECAY);
    }
    return ChildJvm.of(Jdk.current(), StepProgram.class.getName())
        .ownClassPath()
        .options(jvm.toArray(String[]::new))
        .arguments(folder, batch, Integer.toString(threads), RATE, MOMENTUM, DECAY)
        .arguments(way == Way.COUNTED ? "counted" : "plain");
  }

  private static List<Path> pytorch() throws IOException {
    Path file = Repository.root().resolve("integration-tests/pytorch/target/classpath.txt");
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(
          file + " is missing: run sparsescope bench training, or take --no-pytorch");
    }
    return Stream.of(Files.readString(file).strip().split(File.pathSeparator, -1))
        .map(Path::of)
        .toList();
  }

  private static void print(Net net, int threads, Map<Way, Steps> programs) {
    Steps ours = programs.get(Way.OURS);
    Steps counted = programs.get(Way.COUNTED);
    System.out.printf(
        Locale.ROOT, "%n%s, batch %d, %d thread(s)%n", net.zoo.label(), net.batch, threads);
    programs.forEach(
        (way, steps) ->
            System.out.printf(
                Locale.ROOT,
                "  %-38s %s s, memory at most %.0f MB%n",
                way.name().toLowerCase(Locale.ROOT),
                Quartiles.of(steps.seconds()).format(4),
                steps.peak()));
    System.out.printf(
        "  %-38s %s   (target: at most 1.05)%n",
        "thresholds and counts / ours",
        Quartiles.ofRatios(counted.seconds(), ours.seconds()).format(3));
    Steps torch = programs.get(Way.PYTORCH);
    if (torch != null) {
      System.out.printf(
          Locale.ROOT,
          "  %-38s %s   (target: at most %.1f); memory %.2f%n",
          "ours / PyTorch",
          Quartiles.ofRatios(ours.seconds(), torch.seconds()).format(3),
          net.target,
          ours.peak() / torch.peak());
      System.out.printf(
          "  losses of the first %d steps: at most %.1e apart%n",
          FIRST_STEPS, agreement(ours.losses(), torch.losses()));
    }
  }

  /** The largest relative difference. */
  private static double agreement(double[] ours, double[] theirs) {
    double worst = 0;
    for (int i = 0; i < ours.length; i++) {
      worst = Math.max(worst, Math.abs(ours[i] - theirs[i]) / Math.abs(theirs[i]));
    }
    if (!(worst <= AGREEMENT)) {
      throw new IllegalStateException(
          "the losses part: "
              + java.util.Arrays.toString(ours)
              + " and PyTorch's "
              + java.util.Arrays.toString(theirs));
    }
    return worst;
  }
}
