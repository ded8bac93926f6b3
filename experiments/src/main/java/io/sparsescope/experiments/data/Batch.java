package io.sparsescope.experiments.data;

import java.util.List;
import java.util.Map;

/**
 * Inputs for one run. The buffers are reused: valid until the source is asked for the next batch.
 *
 * @param inputs tensors by the names of the model's inputs; where the batch has more than one
 *     record, their first dimension counts records
 * @param labels class of each record, empty where the data has none
 * @param count records in this batch
 * @param references the outputs that the model should give, in the order of its outputs; empty
 *     where the data has none, or they were not asked for
 */
public record Batch(
    Map<String, TensorValue> inputs,
    List<Integer> labels,
    int count,
    List<TensorValue> references) {

  public Batch {
    inputs = Map.copyOf(inputs);
    labels = List.copyOf(labels);
    references = List.copyOf(references);
  }

  /** Without reference outputs. */
  public Batch(Map<String, TensorValue> inputs, List<Integer> labels, int count) {
    this(inputs, labels, count, List.of());
  }
}
