package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.ZeroCounter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Counts the zeros of a step's gradients, in memory that ONNX Runtime writes them to. Reading it
 * once is cheaper than counting in the graph, which takes several passes. Used by one thread.
 */
final class GradientCounter implements AutoCloseable {
  private final List<CountedOutput> gradients;
  private final Map<String, DirectTensor> memory = new HashMap<>();

  GradientCounter(List<CountedOutput> gradients) {
    this.gradients = List.copyOf(gradients);
    try {
      for (CountedOutput g : gradients) {
        memory.computeIfAbsent(g.after(), n -> DirectTensor.of(n, ElementType.FLOAT, g.dims()));
        memory.computeIfAbsent(g.before(), n -> DirectTensor.of(n, ElementType.FLOAT, g.dims()));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  List<CountedGradient> gradients() {
    return gradients.stream().map(CountedOutput::gradient).toList();
  }

  /** The outputs that a step is to write if it is counted. */
  Map<String, OnnxTensor> outputs() {
    Map<String, OnnxTensor> outputs = new HashMap<>();
    memory.forEach((name, tensor) -> outputs.put(name, tensor.tensor()));
    return outputs;
  }

  /** Zeros of each gradient in the step that wrote the outputs, as the update read it. */
  long[] zeros() {
    return count(CountedOutput::after);
  }

  /** Those before rules. */
  long[] zerosBefore() {
    return count(CountedOutput::before);
  }

  private long[] count(Function<CountedOutput, String> which) {
    return gradients.stream()
        .mapToLong(g -> ZeroCounter.FLOAT32.count(memory.get(which.apply(g)).values()).zeros())
        .toArray();
  }

  @Override
  public void close() {
    memory.values().forEach(DirectTensor::close);
  }
}
