package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataException;
import io.sparsescope.experiments.data.TensorValue;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** Runs batches and scores their records. Used by several threads at once. */
final class Judge {
  private static final float[] NONE = {};

  private final JudgedModel model;
  private final Optional<JudgedModel> dense;
  private final int outputIndex;
  private final List<Metric> metrics;
  private final boolean needsDense;
  private final boolean needsLabels;
  private final LongFunction<String> describe;

  /**
   * A batch's sums of scores, a place a metric.
   *
   * @param dense the dense model's, for metrics that judge by labels where it was run; else 0
   */
  @SuppressWarnings("ArrayRecordComponent") // Made and read in one place each.
  record Sums(int records, double[] model, double[] dense) {}

  /**
   * @param dense what outputs are compared with; if empty, the data's reference outputs
   * @param outputIndex place of the judged output among the model's
   * @param describe what messages call a record
   */
  Judge(
      JudgedModel model,
      Optional<JudgedModel> dense,
      int outputIndex,
      List<Metric> metrics,
      LongFunction<String> describe) {
    this.model = model;
    this.dense = dense;
    this.outputIndex = outputIndex;
    this.metrics = List.copyOf(metrics);
    this.describe = describe;
    needsDense = metrics.stream().anyMatch(Metric::needsDense);
    needsLabels = metrics.stream().anyMatch(Metric::needsLabels);
  }

  /**
   * @param first number of the batch's first record
   * @param wanted how many of its records count, from the first
   */
  Sums judge(Batch batch, long first, int wanted) {
    if (needsLabels && batch.labels().isEmpty()) {
      throw new ExperimentException(
          describe.apply(first)
              + (batch.references().isEmpty()
                  ? " has no label; name labels, or use --metric agreement, cosine or max-error"
                  : " has no class; use --metric squared-error, cosine or max-error, or save classes"
                      + " as integers"));
    }
    float[][] outputs = model.run(batch, describe.apply(first));
    float[][] denseOutputs = denseOutputs(batch, first);
    double[] sums = new double[metrics.size()];
    double[] denseSums = new double[metrics.size()];
    for (int r = 0; r < wanted; r++) {
      int label = batch.labels().isEmpty() ? -1 : batch.labels().get(r);
      float[] expected = denseOutputs == null ? NONE : denseOutputs[r];
      Row row = new Row(outputs[r], label, needsDense ? expected : NONE);
      for (int m = 0; m < sums.length; m++) {
        Metric metric = metrics.get(m);
        sums[m] += score(metric, row, first + r);
        if (dense.isPresent() && metric.needsLabels()) {
          denseSums[m] += score(metric, new Row(expected, label, expected), first + r);
        }
      }
    }
    return new Sums(wanted, sums, denseSums);
  }

  private float[][] denseOutputs(Batch batch, long first) {
    if (dense.isPresent()) {
      return dense.get().run(batch, describe.apply(first));
    }
    if (!needsDense) {
      return null;
    }
    if (batch.references().size() <= outputIndex) {
      throw new ExperimentException(
          describe.apply(first)
              + " has no reference output; name the dense model with --against, or judge by labels");
    }
    TensorValue reference = batch.references().get(outputIndex);
    return FloatRows.of(
        describe.apply(first) + ": output " + outputIndex,
        reference.type(),
        reference.shape(),
        reference.data(),
        batch.count());
  }

  /** Says which record it was, whatever a metric, which may be a user's, says. */
  private double score(Metric metric, Row row, long record) {
    try {
      return metric.score(row).value();
    } catch (ExperimentException e) {
      throw new DataException(describe.apply(record) + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new ExperimentException(
          describe.apply(record)
              + ": the metric "
              + metric.name()
              + " fails ("
              + e
              + "); repair it",
          e);
    }
  }
}
