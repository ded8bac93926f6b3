package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Normalizations. */
final class DoubleNormalizations {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    OPERATORS.put("BatchNormalization", Operator.single(DoubleNormalizations::batch));
    OPERATORS.put("InstanceNormalization", Operator.single(DoubleNormalizations::instance));
    OPERATORS.put("LayerNormalization", DoubleNormalizations::layer);
    OPERATORS.put("LRN", Operator.single(DoubleNormalizations::lrn));
  }

  private DoubleNormalizations() {}

  private static DoubleTensor mean(DoubleTensor x, boolean[] over) {
    return DoubleReductions.reduce(x, over, r -> Arrays.stream(r).sum() / r.length);
  }

  /** The mean square of the distances from the mean, as all ONNX normalizations take it. */
  private static DoubleTensor variance(DoubleTensor x, DoubleTensor mean, boolean[] over) {
    return mean(x.zip(mean, (a, m) -> (a - m) * (a - m)), over);
  }

  private static DoubleTensor normalized(
      DoubleTensor x, DoubleTensor mean, DoubleTensor variance, double epsilon) {
    return x.zip(mean, (a, m) -> a - m).zip(variance, (a, v) -> a / Math.sqrt(v + epsilon));
  }

  private static DoubleTensor perChannel(DoubleTensor values, int rank) {
    int[] shape = new int[rank];
    Arrays.fill(shape, 1);
    shape[1] = values.size();
    return values.reshaped(shape);
  }

  private static DoubleTensor scaled(DoubleNode n, DoubleTensor x) {
    return x.zip(perChannel(n.input(1), x.rank()), (a, s) -> a * s)
        .zip(perChannel(n.input(2), x.rank()), Double::sum);
  }

  private static DoubleTensor batch(DoubleNode n) {
    DoubleTensor x = n.input(0);
    boolean[] over = new boolean[x.rank()];
    Arrays.fill(over, true);
    over[1] = false;
    DoubleTensor mean = n.training() ? mean(x, over) : perChannel(n.input(3), x.rank());
    DoubleTensor variance =
        n.training() ? variance(x, mean, over) : perChannel(n.input(4), x.rank());
    return scaled(n, normalized(x, mean, variance, n.real("epsilon", 1e-5)));
  }

  private static DoubleTensor instance(DoubleNode n) {
    DoubleTensor x = n.input(0);
    boolean[] over = new boolean[x.rank()];
    Arrays.fill(over, 2, x.rank(), true);
    DoubleTensor mean = mean(x, over);
    return scaled(n, normalized(x, mean, variance(x, mean, over), n.real("epsilon", 1e-5)));
  }

  private static List<DoubleTensor> layer(DoubleNode n) {
    DoubleTensor x = n.input(0);
    boolean[] over = new boolean[x.rank()];
    Arrays.fill(over, x.axis(n.integer("axis", -1)), x.rank(), true);
    DoubleTensor mean = mean(x, over);
    DoubleTensor variance = variance(x, mean, over);
    double epsilon = n.real("epsilon", 1e-5);
    DoubleTensor y = normalized(x, mean, variance, epsilon).zip(n.input(1), (a, s) -> a * s);
    DoubleTensor shifted = n.hasInput(2) ? y.zip(n.input(2), Double::sum) : y;
    return List.of(shifted, mean, variance.map(v -> 1 / Math.sqrt(v + epsilon)));
  }

  private static DoubleTensor lrn(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int size = (int) n.integer("size", 0);
    double alpha = n.real("alpha", 1e-4);
    double beta = n.real("beta", 0.75);
    double bias = n.real("bias", 1);
    int channels = x.shape()[1];
    int stride = x.stride(1);
    double[] y = new double[x.size()];
    for (int i = 0; i < y.length; i++) {
      int c = i / stride % channels;
      double sum = 0;
      int from = Math.max(0, c - (size - 1) / 2);
      int to = Math.min(channels - 1, c + size / 2);
      for (int d = from; d <= to; d++) {
        double v = x.values()[i + (d - c) * stride];
        sum += v * v;
      }
      y[i] = x.values()[i] / Math.pow(bias + alpha / size * sum, beta);
    }
    return DoubleTensor.of(y, x.shape());
  }
}
