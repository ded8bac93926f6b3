package io.sparsescope.rewriter.gradient;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Gradients by the definition: how a scalar changes, in float64, when one element moves a little
 * either way.
 */
final class CentralDifferences {
  // The error is of the order of step^2 (curvature) and 1e-16 / step (rounding).
  private static final double STEP = 1e-5;

  private CentralDifferences() {}

  /** The gradient of a scalar of the graph's tensors with respect to one of the feeds. */
  static DoubleTensor gradient(
      DoubleGraph graph,
      Map<String, DoubleTensor> feeds,
      String of,
      ToDoubleFunction<Map<String, DoubleTensor>> scalar) {
    int size = feeds.get(of).size();
    double[] values = slopes(graph, feeds, of, scalar, IntStream.range(0, size).toArray());
    return DoubleTensor.of(values, feeds.get(of).shape());
  }

  /** The gradient at some places of the tensor only, for large ones. */
  static double[] slopes(
      DoubleGraph graph,
      Map<String, DoubleTensor> feeds,
      String of,
      ToDoubleFunction<Map<String, DoubleTensor>> scalar,
      int... places) {
    Map<String, DoubleTensor> moved = new HashMap<>(feeds);
    DoubleTensor at = feeds.get(of);
    return Arrays.stream(places)
        .mapToDouble(
            i -> {
              double x = at.values()[i];
              moved.put(of, at.with(i, x + STEP));
              double above = scalar.applyAsDouble(graph.run(moved));
              moved.put(of, at.with(i, x - STEP));
              double below = scalar.applyAsDouble(graph.run(moved));
              return (above - below) / (2 * STEP);
            })
        .toArray();
  }

  /** The mean over all elements of (output - target)^2. */
  static double meanSquaredError(DoubleTensor output, DoubleTensor targets) {
    return Arrays.stream(output.zip(targets, (y, t) -> (y - t) * (y - t)).values()).sum()
        / output.size();
  }

  /** The mean over the rows of -log softmax(logits)[label]; logits are [N, classes]. */
  static double crossEntropy(DoubleTensor logits, DoubleTensor labels) {
    int classes = logits.shape()[1];
    double sum = 0;
    for (int n = 0; n < labels.size(); n++) {
      double[] row = Arrays.copyOfRange(logits.values(), n * classes, (n + 1) * classes);
      double max = Arrays.stream(row).max().orElseThrow();
      double total = Arrays.stream(row).map(x -> Math.exp(x - max)).sum();
      sum += max + Math.log(total) - row[(int) labels.values()[n]];
    }
    return sum / labels.size();
  }
}
