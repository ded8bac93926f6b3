package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Reductions over axes, and Softmax. */
final class DoubleReductions {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    reduce("ReduceSum", r -> Arrays.stream(r).sum());
    reduce("ReduceMean", r -> Arrays.stream(r).sum() / r.length);
    reduce("ReduceMax", r -> Arrays.stream(r).max().orElseThrow());
    reduce("ReduceMin", r -> Arrays.stream(r).min().orElseThrow());
    reduce("ReduceProd", r -> Arrays.stream(r).reduce(1, (a, b) -> a * b));
    reduce("ReduceL1", r -> Arrays.stream(r).map(Math::abs).sum());
    reduce("ReduceL2", r -> Math.sqrt(Arrays.stream(r).map(x -> x * x).sum()));
    reduce("ReduceSumSquare", r -> Arrays.stream(r).map(x -> x * x).sum());
    reduce("ReduceLogSum", r -> Math.log(Arrays.stream(r).sum()));
    reduce("ReduceLogSumExp", DoubleReductions::logSumExp);
    OPERATORS.put("Softmax", Operator.single(n -> logSoftmax(n).map(Math::exp)));
    OPERATORS.put("LogSoftmax", Operator.single(DoubleReductions::logSoftmax));
  }

  private DoubleReductions() {}

  private static void reduce(String op, ToDoubleFunction<double[]> f) {
    OPERATORS.put(op, Operator.single(n -> reduce(n, f)));
  }

  private static DoubleTensor reduce(DoubleNode n, ToDoubleFunction<double[]> f) {
    DoubleTensor x = n.input(0);
    long[] listed = n.integers("axes", 1).orElse(new long[0]);
    if (listed.length == 0 && n.integer("noop_with_empty_axes", 0) != 0) {
      return x;
    }
    boolean[] reduced = new boolean[x.rank()];
    Arrays.fill(reduced, listed.length == 0);
    for (long axis : listed) {
      reduced[x.axis(axis)] = true;
    }
    DoubleTensor kept = reduce(x, reduced, f);
    if (n.integer("keepdims", 1) != 0) {
      return kept;
    }
    return kept.reshaped(
        IntStream.range(0, x.rank()).filter(d -> !reduced[d]).map(d -> x.shape()[d]).toArray());
  }

  /** Reduces axes to one element each. */
  static DoubleTensor reduce(DoubleTensor x, boolean[] reduced, ToDoubleFunction<double[]> f) {
    int[] shape = x.shape().clone();
    for (int d = 0; d < shape.length; d++) {
      shape[d] = reduced[d] ? 1 : shape[d];
    }
    double[][] groups = new double[DoubleTensor.size(shape)][x.size() / DoubleTensor.size(shape)];
    int[] filled = new int[groups.length];
    for (int i = 0; i < x.size(); i++) {
      int[] index = DoubleTensor.index(i, x.shape());
      int group = 0;
      for (int d = 0; d < index.length; d++) {
        group = group * shape[d] + (reduced[d] ? 0 : index[d]);
      }
      groups[group][filled[group]++] = x.values()[i];
    }
    double[] results = Arrays.stream(groups).mapToDouble(f).toArray();
    return new DoubleTensor(shape, results, x.integral());
  }

  private static double logSumExp(double[] row) {
    double max = Arrays.stream(row).max().orElseThrow();
    return max + Math.log(Arrays.stream(row).map(x -> Math.exp(x - max)).sum());
  }

  private static DoubleTensor logSoftmax(DoubleNode n) {
    DoubleTensor x = n.input(0);
    boolean[] reduced = new boolean[x.rank()];
    if (n.opset() >= 13) {
      reduced[x.axis(n.integer("axis", -1))] = true;
    } else {
      // Older versions take all axes from the given one on as one.
      Arrays.fill(reduced, x.axis(n.integer("axis", 1)), x.rank(), true);
    }
    return x.zip(reduce(x, reduced, DoubleReductions::logSumExp), (a, b) -> a - b);
  }
}
