package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.BatchBuffer;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Runs a model over a data set and judges its answers. As many batches run side by side as there
 * are threads; what comes out does not depend on their number.
 */
public final class Evaluator {
  private final ModelFile model;
  private final ModelEdit edit;
  private final Optional<ModelFile> dense;
  private final List<Metric> metrics;
  private final Options options;
  private final String output;

  /**
   * How to run.
   *
   * @param batch records in a run, at least 1; a model's fixed batch size goes before
   * @param limit records to judge; empty for all, or {@link DataSource#DEFAULT_RECORDS} of data
   *     that never ends
   * @param threads runs side by side, at least 1
   * @param output the judged output; empty for the model's only one of floating-point numbers
   */
  public record Options(int batch, OptionalLong limit, int threads, Optional<String> output) {
    public Options {
      requirePositive("--batch", batch);
      requirePositive("--threads", threads);
      limit.ifPresent(records -> requirePositive("--limit", records));
    }

    private static void requirePositive(String option, long value) {
      if (value < 1) {
        throw new ExperimentException(option + " " + value + ": give a number of at least 1");
      }
    }
  }

  /**
   * @param model the model; stays open
   * @param edit what is done to it first
   * @param dense the model that metrics without labels compare with, and whose own score is told
   *     for the others; it may be the same, which is not edited then; if empty, they compare with
   *     the data's reference outputs
   * @param metrics at least one
   * @throws ExperimentException if the judged output cannot be told
   */
  public Evaluator(
      ModelFile model,
      ModelEdit edit,
      Optional<ModelFile> dense,
      List<Metric> metrics,
      Options options) {
    if (metrics.isEmpty()) {
      throw new ExperimentException("no metric to judge by; choose one with --metric");
    }
    this.model = model;
    this.edit = edit;
    this.metrics = List.copyOf(metrics);
    this.options = options;
    this.dense = dense;
    output = JudgedOutput.of(model, options.output());
  }

  /**
   * Judges the model's answers.
   *
   * @param data the inputs, read to the end or to the limit; stays open
   * @throws ExperimentException if a model does not load or run, the data is damaged, or a record
   *     cannot be judged; it names the first such record
   */
  public Evaluation run(DataSource data, Progress progress) {
    try (JudgedModel judged = new JudgedModel(model, edit, output);
        JudgedModel compared = dense.map(this::denseModel).orElse(null)) {
      Judge judge =
          new Judge(judged, Optional.ofNullable(compared), outputIndex(), metrics, data::describe);
      Totals totals = new Totals(metrics.size());
      try (OrderedWork<Judge.Sums> work = new OrderedWork<>(options.threads(), totals::add)) {
        feed(data, judge, work, totals, progress);
      }
      if (totals.records == 0) {
        throw new ExperimentException(
            model.name() + ": the data holds no records to judge; choose other data");
      }
      return new Evaluation(model.name(), output, totals.records, results(totals), data.notices());
    }
  }

  private JudgedModel denseModel(ModelFile file) {
    // The same name where it has one, else its only one.
    boolean same =
        file.graph().outputs().stream().map(ValueInfoProto::getName).anyMatch(output::equals);
    String name = JudgedOutput.of(file, same ? Optional.of(output) : Optional.empty());
    return new JudgedModel(file, new ModelEdit(file), name);
  }

  private int outputIndex() {
    return model.graph().outputs().stream().map(ValueInfoProto::getName).toList().indexOf(output);
  }

  /** Batches that are judged lie in memory of their own; it is used again in turn. */
  private void feed(
      DataSource data,
      Judge judge,
      OrderedWork<Judge.Sums> work,
      Totals totals,
      Progress progress) {
    List<BatchBuffer> memory = new ArrayList<>();
    for (int i = 0; i <= work.window(); i++) {
      memory.add(new BatchBuffer());
    }
    long end = data.wanted(options.limit()).orElse(Long.MAX_VALUE);
    OptionalLong total = data.expected(options.limit());
    long submitted = 0;
    for (int turn = 0; submitted < end; turn++) {
      long left = end - submitted;
      Optional<Batch> next = data.next((int) Math.min(options.batch(), left));
      if (next.isEmpty()) {
        break;
      }
      Batch batch = memory.get(turn % memory.size()).hold(next.get());
      long first = submitted;
      int wanted = (int) Math.min(batch.count(), left);
      work.submit(() -> judge.judge(batch, first, wanted));
      submitted += wanted;
      progress.report(totals.records, total);
    }
    work.finish();
    progress.report(totals.records, total);
  }

  private List<Evaluation.Result> results(Totals totals) {
    List<Evaluation.Result> results = new ArrayList<>();
    for (int m = 0; m < metrics.size(); m++) {
      Metric metric = metrics.get(m);
      double sum = totals.model[m];
      boolean compared = dense.isPresent() && metric.needsLabels();
      results.add(
          new Evaluation.Result(
              metric.name(),
              sum,
              sum / totals.records,
              metric.countsHits()
                  ? Optional.of(Interval.wilson(Math.round(sum), totals.records))
                  : Optional.empty(),
              compared
                  ? OptionalDouble.of(totals.dense[m] / totals.records)
                  : OptionalDouble.empty()));
    }
    return results;
  }

  /** Sums up batches in the order of the data, so that rounding does not depend on the threads. */
  private static final class Totals {
    private final double[] model;
    private final double[] dense;
    private long records;

    Totals(int metrics) {
      model = new double[metrics];
      dense = new double[metrics];
    }

    void add(Judge.Sums sums) {
      records += sums.records();
      for (int m = 0; m < model.length; m++) {
        model[m] += sums.model()[m];
        dense[m] += sums.dense()[m];
      }
    }
  }
}
