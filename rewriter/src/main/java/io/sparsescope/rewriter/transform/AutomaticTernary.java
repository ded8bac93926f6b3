package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.Optional;

/**
 * {@link Ternary} with t = 0.7 mean |x|, computed in float64 and not rounded: over a whole weight,
 * and over each record of other tensors, so that a result does not depend on what else is in the
 * batch. A mean that is infinite or NaN is above all elements, which then become 0.
 */
record AutomaticTernary(double m) implements Transform {
  private static final double SHARE = 0.7;

  @Override
  public String spec() {
    return "ternary," + m;
  }

  @Override
  public String emit(NodeMaker n, String x) {
    double value = n.target().kind().round(m);
    String magnitudes = n.cast(n.records(n.op("Abs", x)), ElementType.DOUBLE);
    String count = n.cast(n.length(magnitudes, 1), ElementType.DOUBLE);
    String mean = n.op("Div", n.rowSums(magnitudes), count);
    String limit = n.op("Mul", mean, n.float64(SHARE));
    String large = n.reshapedLike(n.op("Less", limit, magnitudes), x);
    String signed = n.select(n.op("Less", x, n.scalar(0)), n.scalar(-value), n.scalar(value));
    return n.keepNaN(x, n.select(large, signed, n.scalar(0)));
  }

  @Override
  public Optional<Baked> baked(Target target) {
    double value = target.kind().round(m);
    return Optional.of(
        Baked.whole(
            values -> {
              double sum = 0;
              for (double x : values) {
                sum += Math.abs(x);
              }
              double limit = sum / values.length * SHARE;
              for (int i = 0; i < values.length; i++) {
                values[i] = Math.abs(values[i]) > limit ? Math.copySign(value, values[i]) : 0;
              }
            }));
  }
}
