package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.experiments.evaluate.Evaluator;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.experiments.train.series.SeriesRecorder;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.onnx.ModelEdit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Trains a model. What comes out is a function of model, data, options and seed, to the last bit
 * where a step takes one thread, interrupted and resumed or not. Used by one thread.
 */
public final class Trainer implements AutoCloseable {
  /** What a series keeps at most: some megabytes for a net of fifty layers. */
  private static final int MOST_POINTS = 10_000;

  private final TrainingSetup setup;
  private final TrainListener listener;
  private final StepModel model;
  private final StepState state;
  private final Optional<CheckpointFile> checkpoint;
  private final TrainOptions options;
  private final int batch;
  private final long steps;
  private final SeriesRecorder recorder;
  private long done;
  private float loss = Float.NaN;
  private Optional<TestScore> score = Optional.empty();

  /**
   * Makes ready, or goes on from a checkpoint.
   *
   * @throws ExperimentException if there is a checkpoint that must not be lost, or none that fits
   */
  public Trainer(TrainingSetup setup, TrainListener listener) {
    this(setup, listener, setup.checkpoint().map(CheckpointFile::new));
  }

  /** Keeps checkpoints in a file of one's own. */
  Trainer(TrainingSetup setup, TrainListener listener, Optional<CheckpointFile> checkpoint) {
    this.setup = setup;
    this.listener = listener;
    options = setup.options();
    batch = setup.batch();
    steps = setup.steps();
    model =
        StepModel.of(
            setup.gradients(),
            options.optimizer(),
            setup.sparse(),
            setup.sparse().blocks(setup.model()));
    this.checkpoint = checkpoint;
    recorder =
        new SeriesRecorder(
            model.counted().stream().map(CountedOutput::gradient).toList(),
            options.seriesEvery(),
            MOST_POINTS);
    state = new StepState(model.state());
    try {
      state.load(setup.model(), model.trained());
      checkpoint.filter(CheckpointFile::exists).ifPresent(this::resume);
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
  }

  private void resume(CheckpointFile from) {
    if (!setup.resume()) {
      throw new ExperimentException(
          setup.checkpoint().orElseThrow()
              + ": holds a training already; add --resume to go on with it, or delete it");
    }
    CheckpointFile.Found found = from.read(state, setup.identity());
    found.notice().ifPresent(listener::notice);
    done = found.header().step();
    loss = found.header().loss();
    TrainingSeries series = found.header().series();
    recorder.restore(series, done);
    int last = series.accuracySteps().size() - 1;
    if (last >= 0 && series.accuracySteps().get(last) == done) {
      score = Optional.of(TestScore.ofAccuracy(series.accuracy().get(last)));
    }
    listener.notice("going on behind step " + done);
  }

  /**
   * Takes the steps that are left.
   *
   * @throws ExperimentException if the data does not fit, the loss is not finite, or a checkpoint
   *     cannot be written
   */
  public TrainResult run() {
    return OwnThread.call("sparsescope-train", this::takeSteps);
  }

  private TrainResult takeSteps() {
    Truth truth = Truth.of(setup.model(), setup.gradients(), setup.data());
    setup.test().ifPresent(this::requireLike);
    try (StepFeed feed = new StepFeed(setup.data(), setup.gradients(), batch, truth, options);
        StepSession session = new StepSession(model, state, options.threads());
        GradientCounter counter = new GradientCounter(model.counted())) {
      double sum = 0;
      long summed = 0;
      while (done < steps) {
        step(session, feed.of(done), counter);
        sum += loss;
        summed++;
        if (isEvaluated(done)) {
          requireFinite();
          evaluate(sum / summed);
          sum = 0;
          summed = 0;
          checkpoint.ifPresent(this::keep);
        }
      }
    }
    return new TrainResult(done, loss, score, series());
  }

  /** Test data must tell of its records what the data that is learnt tells. */
  private void requireLike(RecordSet test) {
    if (test.targetDims().isPresent() != setup.data().targetDims().isPresent()) {
      throw new ExperimentException(
          test.name()
              + ": test data and what is learnt must both have classes, or both targets; name other"
              + " data with --test");
    }
    Truth.of(setup.model(), setup.gradients(), test);
  }

  private void step(StepSession session, Map<String, OnnxTensor> feed, GradientCounter counter) {
    double rate = options.schedule().rate(epochs(done), (double) done / steps);
    boolean counted = recorder.wants(done + 1);
    loss = session.run(done, rate, feed, counted ? counter.outputs() : Map.of());
    if (!Float.isFinite(loss)) {
      throw notFinite(session.inputs(done, rate, feed));
    }
    done++;
    if (counted) {
      GradientCounter.Zeros zeros = counter.count();
      recorder.record(done, loss, zeros.after(), zeros.before());
    }
    listener.step(done, steps, loss);
  }

  private ExperimentException notFinite(Map<String, OnnxTensor> inputs) {
    return new ExperimentException(
        setup.net()
            + ": the loss of step "
            + (done + 1)
            + " is "
            + loss
            + ": "
            + new FirstNonFinite(model).describe(inputs, state)
            + "; a smaller --lr may help");
  }

  /** What the last step made no loss has told of yet; it is not to become a checkpoint. */
  private void requireFinite() {
    FirstNonFinite.in(model, state)
        .ifPresent(
            words -> {
              throw new ExperimentException(
                  setup.net()
                      + ": behind step "
                      + done
                      + " "
                      + words
                      + "; a smaller --lr may help");
            });
  }

  private double epochs(long step) {
    return (double) step * batch / setup.data().size();
  }

  /** At the given distance, or wherever an epoch ends; and at the end. */
  private boolean isEvaluated(long step) {
    if (step == steps) {
      return true;
    }
    return options.evaluateEvery().isPresent()
        ? step % options.evaluateEvery().getAsLong() == 0
        : Math.floor(epochs(step)) > Math.floor(epochs(step - 1));
  }

  private void evaluate(double meanLoss) {
    if (setup.test().isPresent()) {
      TestScore found = score(setup.test().get());
      score = Optional.of(found);
      found.accuracy().ifPresent(share -> recorder.recordAccuracy(done, share));
    }
    listener.evaluated(done, epochs(done), meanLoss, score);
  }

  /** Of the inference model with the current values: what {@code evaluate} says of the result. */
  private TestScore score(RecordSet test) {
    boolean targets = test.targetDims().isPresent();
    Metric metric = targets ? Metrics.SQUARED_ERROR : Metrics.TOP_1;
    Evaluator.Options how =
        new Evaluator.Options(
            batch,
            OptionalLong.empty(),
            options.threads(),
            Optional.of(setup.gradients().output()));
    Evaluator evaluator =
        new Evaluator(setup.model(), trained(), Optional.empty(), List.of(metric), how);
    try (DataSource source = test.source()) {
      double mean = evaluator.run(source, Progress.NONE).results().get(0).mean();
      return targets ? TestScore.ofSquaredError(0 - mean) : TestScore.ofAccuracy(mean);
    }
  }

  private void keep(CheckpointFile file) {
    file.write(new CheckpointHeader(setup.identity(), done, loss, series(), model.state()), state);
  }

  private TrainingSeries series() {
    return recorder.series(setup.net(), setup.identity());
  }

  private ModelEdit trained() {
    return TrainedModel.edit(setup.model(), model.trained(), state);
  }

  /**
   * Writes the inference model with the current values; otherwise it is the model that training
   * began with.
   *
   * @throws io.sparsescope.onnx.OnnxException if it cannot be written
   */
  public void write(Path file) {
    trained().writeTo(file);
  }

  @Override
  public void close() {
    state.close();
  }
}
