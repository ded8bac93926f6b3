package io.sparsescope.experiments.data;

import java.util.List;
import java.util.Map;

/**
 * Inputs for one run. The buffers are reused: valid until the source is asked for the next batch.
 *
 * @param inputs tensors by the names of the model's inputs
 * @param labels class of each record, empty where the data has none
 * @param count records in this batch
 */
public record Batch(Map<String, TensorValue> inputs, List<Integer> labels, int count) {

  public Batch {
    inputs = Map.copyOf(inputs);
    labels = List.copyOf(labels);
  }
}
