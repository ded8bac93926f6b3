package io.sparsescope.experiments.train.sweep;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Threads;
import io.sparsescope.experiments.train.SparseGradients;
import io.sparsescope.experiments.train.TestScore;
import io.sparsescope.experiments.train.TrainListener;
import io.sparsescope.experiments.train.TrainResult;
import io.sparsescope.experiments.train.Trainer;
import io.sparsescope.experiments.train.TrainingSetup;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Trains once for each threshold on all gradients (paper, section 3.2), several runs at a time. A
 * folder holds of each run its series, its trained model and, until it is finished, its checkpoint;
 * a sweep that was interrupted goes on from there, and finished runs are not done again.
 */
public final class Sweep {
  private final TrainingSetup setup;
  private final List<Double> values;
  private final boolean residual;
  private final Path folder;
  private final SweepListener listener;
  private final AtomicLong done = new AtomicLong();

  /**
   * @param setup the training, whose own rules on gradients go before the swept one
   * @param values the thresholds; 0 is for no threshold
   * @param residual whether what is cut off is added to the next step's gradient
   * @param folder is made if it is not there
   * @throws ExperimentException if accuracy cannot be measured
   */
  public Sweep(
      TrainingSetup setup,
      List<Double> values,
      boolean residual,
      Path folder,
      SweepListener listener) {
    if (setup.test().isEmpty()) {
      throw new ExperimentException(
          "--sweep tells accuracies: name the records to measure them on with --test");
    }
    if (setup.data().targetDims().isPresent()) {
      throw new ExperimentException(
          setup.data().name()
              + ": --sweep tells accuracies, which data with targets has none of; train a threshold"
              + " at a time");
    }
    this.setup = setup;
    this.values = List.copyOf(values);
    this.residual = residual;
    this.folder = folder;
    this.listener = listener;
  }

  /**
   * Trains what is not trained yet.
   *
   * @param runs how many at a time
   * @return what came of all of them; it is in the folder, too, as {@code sweep.json}
   * @throws ExperimentException if a run fails, behind the others
   */
  public SweepResult run(int runs) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ExperimentException(
          folder + ": cannot be made a folder (" + e + "); name another with -o", e);
    }
    List<TrainingSeries> all = trained(Math.min(runs, values.size()));
    Double baseline = values.contains(0.0) ? all.get(values.indexOf(0.0)).finalAccuracy() : null;
    List<SweepRun> found = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      TrainingSeries series = all.get(i).withBaseline(baseline);
      series.writeTo(file(values.get(i), ".json"));
      double accuracy = series.finalAccuracy();
      found.add(
          new SweepRun(
              values.get(i),
              accuracy,
              baseline == null || baseline == 0 ? null : (Double) (accuracy / baseline),
              series.finalSparsity(),
              setup.steps(),
              file(values.get(i), ".json").getFileName().toString()));
    }
    SweepResult result =
        new SweepResult(setup.net(), SweepValues.GRADIENT_THRESHOLD, baseline, found);
    result.writeTo(folder.resolve("sweep.json"));
    return result;
  }

  private List<TrainingSeries> trained(int runs) {
    ExecutorService executor =
        Executors.newFixedThreadPool(runs, Threads.named("sparsescope-sweep"));
    try {
      List<Future<TrainingSeries>> running = new ArrayList<>();
      values.forEach(value -> running.add(executor.submit(() -> series(value))));
      return results(running);
    } finally {
      executor.shutdownNow();
    }
  }

  /** All runs end before the first failure is thrown, so that what they found is kept. */
  private List<TrainingSeries> results(List<Future<TrainingSeries>> running) {
    List<TrainingSeries> all = new ArrayList<>();
    RuntimeException failure = null;
    for (int i = 0; i < running.size(); i++) {
      try {
        all.add(running.get(i).get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        failure = failure == null ? failed(values.get(i), e.getCause()) : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ExperimentException("the sweep was interrupted; start it again to go on", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return all;
  }

  private static RuntimeException failed(double value, Throwable cause) {
    return new ExperimentException("threshold " + value + ": " + cause.getMessage(), cause);
  }

  private TrainingSeries series(double value) throws IOException {
    TrainingSetup run = setup.with(sparse(value)).resuming(file(value, ".checkpoint"));
    Optional<TrainingSeries> before = finished(value, run);
    if (before.isPresent()) {
      done.addAndGet(run.steps());
      synchronized (listener) {
        listener.kept(value);
      }
      return before.get();
    }
    try (Trainer trainer = new Trainer(run, new RunListener(value))) {
      TrainResult result = trainer.run();
      trainer.write(file(value, ".onnx"));
      result.series().writeTo(file(value, ".json"));
      deleteCheckpoint(value);
      return result.series();
    }
  }

  /** The series of a run that is finished. */
  private Optional<TrainingSeries> finished(double value, TrainingSetup run) {
    Path file = file(value, ".json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    TrainingSeries series = TrainingSeries.read(file);
    int last = series.accuracySteps().size() - 1;
    if (!series.options().equals(run.identity())
        || last < 0
        || series.accuracySteps().get(last) != run.steps()) {
      throw new ExperimentException(
          file
              + ": is of a training of other options; give the same ones, or another folder with -o");
    }
    return Optional.of(series);
  }

  /** The setup's own rules, then the swept one. */
  private SparseGradients sparse(double value) {
    Rules rules = setup.sparse().rules();
    List<Rule> gradients = new ArrayList<>(rules.gradients());
    if (value > 0) {
      gradients.add(Rule.of("**", "sparse," + value, false, false, false, false));
    }
    return new SparseGradients(rules.withGradients(gradients), residual && !gradients.isEmpty());
  }

  private Path file(double value, String end) {
    return folder.resolve(SweepValues.GRADIENT_THRESHOLD + "-" + value + end);
  }

  private void deleteCheckpoint(double value) throws IOException {
    for (String end : List.of(".checkpoint", ".checkpoint.previous")) {
      Files.deleteIfExists(file(value, end));
    }
  }

  /** Puts a run's steps and accuracies among those of all. */
  private final class RunListener implements TrainListener {
    private final double value;
    private long before;

    RunListener(double value) {
      this.value = value;
    }

    @Override
    public void step(long step, long steps, float loss) {
      long all = done.addAndGet(step - before);
      before = step;
      synchronized (listener) {
        listener.step(all, steps * values.size());
      }
    }

    @Override
    public void evaluated(long step, double epochs, double loss, Optional<TestScore> test) {
      synchronized (listener) {
        listener.evaluated(value, step, test.orElseThrow().accuracy().orElseThrow());
      }
    }

    @Override
    public void notice(String text) {
      synchronized (listener) {
        listener.notice(value, text);
      }
    }
  }
}
