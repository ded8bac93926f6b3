package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordMemory;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Score;
import io.sparsescope.onnx.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Holds records, and what the dense model makes of them. */
final class SampleStore {
  private static final float[] NONE = {};

  private final String model;
  private final List<Input> inputs;
  private final int[] labels;
  private final List<String> names;
  private final int recordsPerRun;
  private final boolean batched;
  private final String digest;
  private final List<String> notices;
  private final Score[] scores;
  private final float[][] rows;

  /**
   * One of the model's inputs.
   *
   * @param memory its values, record by record
   * @param shapes each record's shape, without the axis that counts records where there is one;
   *     only one if all are equal
   */
  record Input(String name, ElementType type, RecordMemory memory, List<long[]> shapes) {}

  /**
   * @param labels class of each record, -1 for none
   * @param names what messages call each record
   * @param recordsPerRun 0 for any number
   * @param batched whether the first axis of each input counts records; if not, a run is a record
   */
  @SuppressWarnings("TooManyParameters")
  SampleStore(
      String model,
      List<Input> inputs,
      int[] labels,
      List<String> names,
      int recordsPerRun,
      boolean batched,
      String digest,
      List<String> notices) {
    this.model = model;
    this.inputs = List.copyOf(inputs);
    this.labels = labels;
    this.names = List.copyOf(names);
    this.recordsPerRun = recordsPerRun;
    this.batched = batched;
    this.digest = digest;
    this.notices = List.copyOf(notices);
    scores = new Score[labels.length];
    rows = new float[labels.length][];
  }

  List<Input> inputs() {
    return inputs;
  }

  int size() {
    return labels.length;
  }

  int label(int record) {
    return labels[record];
  }

  int recordsPerRun() {
    return recordsPerRun;
  }

  String digest() {
    return digest;
  }

  List<String> notices() {
    return notices;
  }

  /** The shape of the tensor that holds these records. */
  long[] shape(Input input, int[] records) {
    long[] record =
        input.shapes().size() == 1 ? input.shapes().get(0) : input.shapes().get(records[0]);
    if (!batched) {
      return record;
    }
    List<Long> shape = new ArrayList<>();
    shape.add((long) records.length);
    for (long dim : record) {
      shape.add(dim);
    }
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  Score score(Metric metric, int record, float[] output) {
    float[] dense = rows[record] == null ? NONE : rows[record];
    try {
      return SampleSet.judge(metric, output, labels[record], dense);
    } catch (ExperimentException e) {
      throw new ExperimentException(model + ", " + names.get(record) + ": " + e.getMessage(), e);
    }
  }

  Score dense(int record) {
    if (scores[record] == null) {
      throw new IllegalStateException("the dense model has not been run");
    }
    return scores[record];
  }

  void putDense(Metric metric, int record, float[] output) {
    if (metric.needsDense()) {
      rows[record] = output;
    }
    scores[record] = score(metric, record, output);
  }
}
