package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Row;
import io.sparsescope.experiments.evaluate.Score;
import io.sparsescope.onnx.ModelFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The records to judge a model by, ready for random access: encoded inputs, labels, and, once the
 * dense model was run, its scores and, where the metric compares with them, its outputs. Records
 * have the numbers 0 to {@link #size} - 1. A set may be a part of another, whose memory it shares.
 *
 * <p>Safe for use by several threads once the dense model's scores are in.
 */
public final class SampleSet {
  private final SampleStore store;

  /** The store's numbers of this set's records. */
  private final int[] records;

  private SampleSet(SampleStore store, int[] records) {
    this.store = store;
    this.records = records;
  }

  /**
   * Reads records.
   *
   * @param data read from its beginning; stays open
   * @param memory bytes that may be held in memory; what goes beyond lies in a temporary file
   * @throws ExperimentException if there are none, or the data is damaged
   */
  public static SampleSet read(
      ModelFile model, DataSource data, Choice choice, long memory, Progress progress) {
    SampleStore store = new SampleReader(model, data, choice, memory).read(progress);
    int[] all = new int[store.size()];
    Arrays.setAll(all, i -> i);
    return new SampleSet(store, all);
  }

  /** The records of these numbers as a set of their own, numbered anew in this order. */
  public SampleSet part(int[] numbers) {
    return new SampleSet(store, Arrays.stream(numbers).map(i -> records[i]).toArray());
  }

  public int size() {
    return records.length;
  }

  /**
   * How many records a run takes: 0 for as many as wanted, else exactly this many (fewer are filled
   * up with copies of the last).
   */
  public int recordsPerRun() {
    return store.recordsPerRun();
  }

  /** How many records are put into one run where {@code wanted} are asked for. */
  public int batchSize(int wanted) {
    return recordsPerRun() == 0 ? wanted : recordsPerRun();
  }

  /** The class of a record, -1 if it has none. */
  public int label(int record) {
    return store.label(records[record]);
  }

  /** Whether every record has a class. */
  public boolean hasLabels() {
    return Arrays.stream(records).allMatch(record -> store.label(record) >= 0);
  }

  /**
   * SHA-256 of all records' inputs and labels, in lower-case hexadecimal; of a part its whole's.
   */
  public String digest() {
    return store.digest();
  }

  /** What a user should know about how the data was fed, a line each. */
  public List<String> notices() {
    return store.notices();
  }

  /**
   * The inputs of a run, by name; the caller closes them. Where the records follow each other,
   * nothing is copied.
   *
   * @param numbers at least one; no more than {@link #recordsPerRun} unless that is 0
   */
  public Map<String, OnnxTensor> batch(int[] numbers) {
    int[] stored = Arrays.stream(numbers).map(i -> records[i]).toArray();
    if (recordsPerRun() > 0) {
      if (stored.length > recordsPerRun()) {
        throw new IllegalArgumentException("a run takes " + recordsPerRun() + " records");
      }
      int given = stored.length;
      stored = Arrays.copyOf(stored, recordsPerRun());
      Arrays.fill(stored, given, stored.length, stored[given - 1]);
    }
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (SampleStore.Input input : store.inputs()) {
        tensors.put(
            input.name(),
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                input.memory().read(stored),
                store.shape(input, stored),
                OrtSessions.javaType(input.name(), input.type())));
      }
      return tensors;
    } catch (OrtException e) {
      tensors.values().forEach(OnnxTensor::close);
      throw new ExperimentException(
          "ONNX Runtime takes no input from the data (" + OrtSessions.oneLine(e) + ")", e);
    }
  }

  /**
   * Judges a record.
   *
   * @param output its values of the judged output, flattened
   * @throws ExperimentException naming the record, if the metric cannot judge it
   */
  public Score score(Metric metric, int record, float[] output) {
    return store.score(metric, records[record], output);
  }

  /**
   * The dense model's score of a record.
   *
   * @throws IllegalStateException if it has not been run
   */
  public Score dense(int record) {
    return store.dense(records[record]);
  }

  /** The dense model's sum over the records, in their order. */
  public double denseSum() {
    double[] values = new double[size()];
    Arrays.setAll(values, i -> dense(i).value());
    return Target.sum(values);
  }

  /** Takes note of the dense model's output for a record. May be called by several threads. */
  void putDense(Metric metric, int record, float[] output) {
    store.putDense(metric, records[record], output);
  }

  /** Judges a record as {@link Metric} wants it to be. */
  static Score judge(Metric metric, float[] output, int label, float[] dense) {
    return metric.score(new Row(output, label, dense));
  }
}
