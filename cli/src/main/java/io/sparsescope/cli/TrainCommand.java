package io.sparsescope.cli;

import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.train.Augmentation;
import io.sparsescope.experiments.train.Schedule;
import io.sparsescope.experiments.train.SparseGradients;
import io.sparsescope.experiments.train.TestScore;
import io.sparsescope.experiments.train.TrainListener;
import io.sparsescope.experiments.train.TrainOptions;
import io.sparsescope.experiments.train.TrainResult;
import io.sparsescope.experiments.train.Trainer;
import io.sparsescope.experiments.train.TrainingRequest;
import io.sparsescope.experiments.train.TrainingSetup;
import io.sparsescope.experiments.train.sweep.Sweep;
import io.sparsescope.experiments.train.sweep.SweepListener;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import io.sparsescope.rewriter.gradient.update.Sgd;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    description = "Trains a net of the paper, or a model of your own, with ONNX Runtime alone.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Nets: lenet, cifarnet, resnet14, resnet50, alexnet, made for the data's images and classes.",
      "Of idx:, cifar10: and cifar100: data the training set is learnt (#test behind DIR: the test",
      "set), and accuracy is measured on the test set. npy:X.npy,Y.npy with float32 or float64 in",
      "Y.npy has targets of the output's shape, for --loss squared-error.",
      "Learning rates: 0.01; step:RATE:FACTOR:EPOCHS; exponential:RATE:FACTOR:EPOCHS;",
      "cosine:RATE[:LAST].",
      "Optimizers: sgd; momentum[:0.9]; nesterov[:0.9]; adam[:0.9,0.999[,1e-8]].",
      "Two runs of the same options agree to the last bit with --threads 1."
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NET|MODEL.onnx",
      description = "A net by its name, or a model file to go on from; it is not changed.")
  private String net;

  @Mixin private DataArguments data;

  @Mixin private GradientOptions gradients;

  @Option(
      names = "--test",
      paramLabel = "SPEC",
      description =
          "What accuracy, or the squared error, is measured on (the test set of --data, if it has"
              + " one).")
  private String test;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description = "Where the trained model goes; with --sweep a folder.")
  private Path out;

  @Option(
      names = "--series",
      paramLabel = "FILE.json",
      description = "Where zeros of the gradients, loss and accuracy over the steps go.")
  private Path series;

  @Option(
      names = {"--series-every", "--count-every"},
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Steps from one entry of the series to the next, and from one count of zeros (1).")
  private int seriesEvery;

  @Option(
      names = "--loss",
      paramLabel = "L",
      defaultValue = "cross-entropy",
      description =
          "cross-entropy (of softmax, the default) or squared-error (to the targets in npy: data,"
              + " else to 0 and 1).")
  private String loss;

  @Option(
      names = "--l1",
      paramLabel = "R",
      defaultValue = "0",
      description = "Adds R * sum |w| over the weights to the loss (0).")
  private double l1;

  @Option(
      names = "--l2",
      paramLabel = "R",
      defaultValue = "0",
      description = "Adds R / 2 * sum w^2 over the weights to the loss (0).")
  private double l2;

  @Option(
      names = "--optimizer",
      paramLabel = "SPEC",
      description = "How gradients change parameters (momentum:0.9).")
  private String optimizer;

  @Option(names = "--momentum", paramLabel = "M", description = "Short for --optimizer momentum:M.")
  private Double momentum;

  @Option(
      names = "--lr",
      paramLabel = "SPEC",
      defaultValue = "0.01",
      description = "Learning rate, or its schedule (0.01).")
  private String rate;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description = "Records in a step (128).")
  private int batch;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "How often the data is seen (10).")
  private double epochs;

  @Option(names = "--steps", paramLabel = "N", description = "Number of steps, before --epochs.")
  private Long steps;

  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      description = "Steps between evaluations, and between checkpoints (an epoch).")
  private Long evaluateEvery;

  @Option(
      names = "--augment",
      paramLabel = "SPEC",
      description = "Changes training images: flip, crop:4 or flip,crop:4 (none).")
  private String augment;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Records to learn from (the whole data set).")
  private Long limit;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Classes of a net (as many as the data has).")
  private Integer classes;

  @Option(
      names = "--trainable",
      paramLabel = "PATTERN",
      description = "Which nodes' parameters train (all); may be repeated.")
  private List<String> trainable = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of a net's first weights, the order of the data, dropout, augmentation (0).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of a step (as many as there are processors).")
  private Integer threads;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Keeps the state there, so that --resume can go on from it.")
  private Path checkpoint;

  @Option(names = "--resume", description = "Goes on from the checkpoint, if there is one.")
  private boolean resume;

  @Override
  public Integer call() {
    if (resume && checkpoint == null) {
      throw usage("--resume goes with --checkpoint FILE");
    }
    SparseGradients sparse = gradients.sparse();
    return gradients.sweeps() ? sweep(sparse) : train(sparse);
  }

  private int train(SparseGradients sparse) {
    TrainingRequest request = request(Runtime.getRuntime().availableProcessors());
    requireOutputs();
    PrintWriter to = spec.commandLine().getOut();
    long start = System.nanoTime();
    try (TrainingSetup setup = request.prepare();
        ProgressLine progress = new ProgressLine("train");
        Trainer trainer = new Trainer(setup.with(sparse), new Lines(to, progress))) {
      TrainResult result = trainer.run();
      trainer.write(out);
      if (series != null) {
        result.series().writeTo(series);
      }
      to.printf(
          Locale.ROOT,
          "%s: %d steps%s, %.1f s%n",
          out,
          result.steps(),
          text(result.test()),
          (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }

  /** Every run takes one thread, so that it can be told to the last bit. */
  private int sweep(SparseGradients sparse) {
    if (checkpoint != null || series != null) {
      throw usage(
          "--sweep keeps checkpoints and series in the folder that -o names: leave out --checkpoint"
              + " and --series");
    }
    List<Double> values = gradients.swept();
    int parallel = gradients.parallel();
    TrainingRequest request = request(1);
    PrintWriter to = spec.commandLine().getOut();
    try (TrainingSetup setup = request.prepare();
        ProgressLine progress = new ProgressLine("sweep")) {
      SweepListener listener = SweepText.listener(to, progress);
      SweepResult result =
          new Sweep(setup.with(sparse), values, gradients.residual(), out, listener).run(parallel);
      SweepText.print(result, to);
    }
    return 0;
  }

  private TrainingRequest request(int usualThreads) {
    TrainOptions options =
        new TrainOptions(
            optimizer(),
            Schedule.parse(rate),
            batch,
            epochs,
            steps == null ? OptionalLong.empty() : OptionalLong.of(steps),
            evaluateEvery == null ? OptionalLong.empty() : OptionalLong.of(evaluateEvery),
            seriesEvery,
            seed,
            threads == null ? usualThreads : threads,
            augment == null ? Augmentation.NONE : Augmentation.parse(augment));
    return new TrainingRequest(
        net,
        data.spec(),
        Optional.ofNullable(test),
        data.options(),
        limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
        classes == null ? OptionalInt.empty() : OptionalInt.of(classes),
        new Objective(loss(), l1, l2),
        trainable,
        options,
        Optional.ofNullable(checkpoint),
        resume);
  }

  private Optimizer optimizer() {
    if (optimizer != null && momentum != null) {
      throw usage("--momentum is short for --optimizer: give one of them");
    }
    if (momentum != null) {
      return new Sgd(momentum, false);
    }
    return Optimizer.parse(optimizer == null ? "momentum" : optimizer);
  }

  private Loss loss() {
    return switch (loss) {
      case "cross-entropy" -> Loss.SOFTMAX_CROSS_ENTROPY;
      case "squared-error" -> Loss.MEAN_SQUARED_ERROR;
      default -> throw usage("--loss is '" + loss + "': give cross-entropy or squared-error");
    };
  }

  /** What cannot be written is better known before the training than behind it. */
  private void requireOutputs() {
    TextFile.requireFolder(out, "trained model");
    if (series != null) {
      TextFile.requireFolder(series, "training series");
    }
    if (checkpoint != null) {
      TextFile.requireFolder(checkpoint, "checkpoint");
    }
    try {
      Path model = Path.of(net);
      if (Files.exists(model) && Files.exists(out) && Files.isSameFile(model, out)) {
        throw usage("-o " + out + " is the model itself: name another file");
      }
    } catch (IOException e) {
      throw new CommandException(out + ": cannot be looked at (" + TextFile.reason(e) + ")", e);
    }
  }

  private static String text(Optional<TestScore> test) {
    return test.map(score -> ", " + score.text()).orElse("");
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Tells how it goes: a line an evaluation, and a bar. */
  private record Lines(PrintWriter to, ProgressLine progress) implements TrainListener {
    @Override
    public void step(long step, long steps, float loss) {
      progress.report(step, OptionalLong.of(steps));
    }

    @Override
    public void evaluated(long step, double epochs, double loss, Optional<TestScore> test) {
      to.printf(Locale.ROOT, "step %d, epoch %.2f: loss %.4f%s%n", step, epochs, loss, text(test));
      to.flush();
    }

    @Override
    public void notice(String text) {
      to.println(text);
    }
  }
}
