package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.Values;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.gradient.Parameter;
import io.sparsescope.rewriter.transform.ThresholdNodes;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A gradient as outputs of the step's model.
 *
 * @param gradient what it is
 * @param after the output as the update reads it
 * @param before the output before a rule changed it; the same where none does
 * @param cut where the rule is a threshold: elements of {@code before} of a magnitude below it are
 *     zero in {@code after}, which then need not be read
 * @param dims its shape; float32
 */
record CountedOutput(
    CountedGradient gradient, String after, String before, OptionalDouble cut, List<Long> dims) {
  CountedOutput {
    dims = List.copyOf(dims);
  }

  /** The gradient of a parameter in a step that rules were placed in. */
  static CountedOutput of(Parameter parameter, String block, Rewrite rewrite) {
    long elements = parameter.dims().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    String after = parameter.gradient();
    return new CountedOutput(
        new CountedGradient(parameter.name(), parameter.layer(), block, elements, Float.BYTES),
        after,
        rewrite.dense().getOrDefault(after, after),
        rewrite.thresholds().stream()
            .filter(t -> t.tensor().equals(after))
            .mapToDouble(t -> ThresholdNodes.cut(ElementType.FLOAT, t.value(), t.orEqual()))
            .findFirst(),
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
