package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.Values;
import io.sparsescope.rewriter.gradient.Parameter;
import java.util.List;
import java.util.Map;

/**
 * A gradient as outputs of the step's model.
 *
 * @param gradient what it is
 * @param after the output as the update reads it
 * @param before the output before a rule changed it; the same where none does
 * @param dims its shape; float32
 */
record CountedOutput(CountedGradient gradient, String after, String before, List<Long> dims) {
  CountedOutput {
    dims = List.copyOf(dims);
  }

  /**
   * The gradient of a parameter in a step that rules were placed in.
   *
   * @param dense by gradient with a rule, what it was before ({@link
   *     io.sparsescope.rewriter.Rewrite#dense})
   */
  static CountedOutput of(Parameter parameter, String block, Map<String, String> dense) {
    long elements = parameter.dims().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    String after = parameter.gradient();
    return new CountedOutput(
        new CountedGradient(parameter.name(), parameter.layer(), block, elements, Float.BYTES),
        after,
        dense.getOrDefault(after, after),
        parameter.dims());
  }

  /** Makes an output of what the gradient was before. */
  void addTo(ModelEdit step) {
    if (!before.equals(after)) {
      long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
      step.addOutput(Values.tensor(before, ElementType.FLOAT, shape));
    }
  }
}
