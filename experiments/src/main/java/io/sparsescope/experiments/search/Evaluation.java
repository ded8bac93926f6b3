package io.sparsescope.experiments.search;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.evaluate.JudgedOutput;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

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
    int size = samples.batchSize(batch);
    int batches = (samples.size() + size - 1) / size;
    int sideBySide = Math.min(threads, batches);
    int each = Math.max(1, threads / sideBySide);
    OrtSessions.Setting setting = options -> options.setIntraOpNumThreads(each);
    try (OrtSession session = OrtSessions.open(model, edit, setting)) {
      AtomicInteger next = new AtomicInteger();
      workers.run(
          () -> {
            int b = next.getAndIncrement();
            if (b >= batches || stop.getAsBoolean()) {
              return false;
            }
            int[] records = records(b * size, Math.min(samples.size(), (b + 1) * size));
            float[][] found = OutputRows.run(model.name(), session, samples, output, records);
            for (int r = 0; r < records.length; r++) {
              rows.accept(records[r], found[r]);
            }
            synchronized (next) {
              done.accept(records.length);
            }
            return true;
          });
    } catch (OrtException e) {
      throw new ExperimentException(
          model.name() + ": the session cannot be closed: " + OrtSessions.oneLine(e), e);
    }
  }

  private static int[] records(int from, int to) {
    int[] records = new int[to - from];
    Arrays.setAll(records, i -> from + i);
    return records;
  }

  @Override
  public void close() {
    workers.close();
  }
}
