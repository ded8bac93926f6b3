package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.JudgedOutput;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Runs edited models over samples, in the plain way: a fresh session with ONNX Runtime's defaults,
 * as many batches side by side as there are threads, the records in their order. Used by one
 * thread.
 */
final class Evaluation implements AutoCloseable {
  private final ModelFile model;
  private final Metric metric;
  private final String output;
  private final int batch;
  private final int threads;
  private final Workers workers;

  /** Is given each record's values of the judged output, by several threads at once. */
  @FunctionalInterface
  private interface Rows {
    void accept(int record, float[] output);
  }

  /**
   * @param output the output that is judged
   * @param batch records in a run, where the model leaves that open
   * @param threads runs side by side
   */
  Evaluation(ModelFile model, Metric metric, String output, int batch, int threads) {
    this.model = model;
    this.metric = metric;
    this.batch = batch;
    this.threads = threads;
    this.output = output;
    workers = new Workers(threads);
  }

  /** The model's only output of floating-point numbers. */
  Evaluation(ModelFile model, Metric metric, int batch, int threads) {
    this(model, metric, judgedOutput(model), batch, threads);
  }

  /** The output that is judged where none is named. */
  static String judgedOutput(ModelFile model) {
    return JudgedOutput.of(model, Optional.empty());
  }

  /** Runs the dense model, and has the samples keep what it says. */
  void dense(SampleSet samples, IntConsumer done) {
    run(
        new ModelEdit(model),
        samples,
        (record, row) -> samples.putDense(metric, record, row),
        done,
        () -> false);
  }

  /**
   * Each record's value, in the order of the records.
   *
   * @param done is told how many records a run had, behind each run, by one thread at a time
   */
  double[] values(ModelEdit edit, SampleSet samples, IntConsumer done) {
    double[] values = new double[samples.size()];
    run(
        edit,
        samples,
        (record, row) -> values[record] = samples.score(metric, record, row).value(),
        done,
        () -> false);
    return values;
  }

  /**
   * The sum over the records in their order, if it is what the target needs. Stops as soon as it
   * cannot be any more.
   *
   * @return nothing if it falls short
   */
  OptionalDouble sumIfReached(ModelEdit edit, SampleSet samples, Target target, IntConsumer done) {
    double[] values = new double[samples.size()];
    Tally tally = new Tally(target, metric.best());
    run(
        edit,
        samples,
        (record, row) -> {
          values[record] = samples.score(metric, record, row).value();
          tally.add(values[record]);
        },
        done,
        tally::hopeless);
    if (tally.hopeless()) {
      return OptionalDouble.empty();
    }
    double sum = Target.sum(values);
    return target.passes(sum) ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  /** Adds up as runs come in, in whatever order. */
  private static final class Tally {
    private final Target target;
    private final double best;
    private double sum;
    private int left;

    Tally(Target target, double best) {
      this.target = target;
      this.best = best;
      left = target.records();
    }

    synchronized void add(double value) {
      sum += value;
      left--;
    }

    synchronized boolean hopeless() {
      return target.isOutOfReach(sum, left, best);
    }
  }

  private void run(
      ModelEdit edit, SampleSet samples, Rows rows, IntConsumer done, BooleanSupplier stop) {
    List<int[]> batches = batches(samples);
    int each = Math.max(1, threads / Math.min(threads, batches.size()));
    try (BatchRuns runs = new WholeRuns(model, edit, output, samples, batches, each)) {
      AtomicInteger next = new AtomicInteger();
      workers.run(
          () -> {
            int b = next.getAndIncrement();
            if (b >= batches.size() || stop.getAsBoolean()) {
              return false;
            }
            int[] records = batches.get(b);
            float[][] found = runs.run(b);
            for (int r = 0; r < records.length; r++) {
              rows.accept(records[r], found[r]);
            }
            synchronized (next) {
              done.accept(records.length);
            }
            return true;
          });
    }
  }

  private List<int[]> batches(SampleSet samples) {
    int size = samples.batchSize(batch);
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += size) {
      batches.add(IntStream.range(from, Math.min(samples.size(), from + size)).toArray());
    }
    return batches;
  }

  @Override
  public void close() {
    workers.close();
  }
}
