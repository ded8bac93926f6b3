package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.MagnitudeCounter;
import io.sparsescope.profile.ZeroCounter;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the zeros of a step's gradients, in memory that ONNX Runtime writes them to. Reading it
 * once is cheaper than counting in the graph, which takes several passes; what a threshold makes
 * zero is counted in the same pass. Used by one thread.
 */
final class GradientCounter implements AutoCloseable {
  private final List<CountedOutput> gradients;
  private final Map<String, DirectTensor> memory = new HashMap<>();

  GradientCounter(List<CountedOutput> gradients) {
    this.gradients = List.copyOf(gradients);
    try {
      for (CountedOutput g : gradients) {
        add(g.before(), g);
        if (g.cut().isEmpty()) {
          add(g.after(), g);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void add(String output, CountedOutput g) {
    memory.computeIfAbsent(output, n -> DirectTensor.of(n, ElementType.FLOAT, g.dims()));
  }

  /** The outputs that a step is to write if it is counted. */
  Map<String, OnnxTensor> outputs() {
    Map<String, OnnxTensor> outputs = new HashMap<>();
    memory.forEach((name, tensor) -> outputs.put(name, tensor.tensor()));
    return outputs;
  }

  /**
   * Zeros of the gradients in a step, in their order.
   *
   * @param after as the update read them
   * @param before before rules changed them
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on at once.
  record Zeros(long[] after, long[] before) {}

  /** Counts what the step that wrote the outputs left there. */
  Zeros count() {
    long[] after = new long[gradients.size()];
    long[] before = new long[gradients.size()];
    for (int i = 0; i < after.length; i++) {
      CountedOutput g = gradients.get(i);
      if (g.cut().isPresent()) {
        float cut = (float) g.cut().getAsDouble();
        MagnitudeCounter.Small small = MagnitudeCounter.count(values(g.before()), cut);
        before[i] = small.zeros();
        after[i] = Math.max(small.zeros(), small.below());
      } else {
        before[i] = zeros(g.before());
        after[i] = g.after().equals(g.before()) ? before[i] : zeros(g.after());
      }
    }
    return new Zeros(after, before);
  }

  private long zeros(String output) {
    return ZeroCounter.FLOAT32.count(values(output)).zeros();
  }

  private ByteBuffer values(String output) {
    return memory.get(output).values();
  }

  @Override
  public void close() {
    memory.values().forEach(DirectTensor::close);
  }
}
