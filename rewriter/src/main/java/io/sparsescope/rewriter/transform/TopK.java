package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.Optional;

/**
 * Keeps the k elements of largest magnitude and zeroes the others (meProp: Sun et al., 2017), of
 * each record of a tensor, or of a whole weight. {@link Largest} says how ties and NaN are ordered;
 * NaN stays even where it is not among the k.
 *
 * @param k how many are kept, or 0 if {@code ratio} says it
 * @param ratio share of a record that is kept: to the nearest whole number, but at least one
 *     element
 */
record TopK(long k, double ratio) implements Transform {
  static TopK parse(Arguments arguments) {
    arguments.requireCount(1, 1);
    if (arguments.text(0).matches("[0-9]+")) {
      return new TopK(arguments.integer(0, "k", 1, Integer.MAX_VALUE), 0);
    }
    return new TopK(0, arguments.share(0, "RATIO"));
  }

  @Override
  public String spec() {
    return "topk," + (k > 0 ? String.valueOf(k) : String.valueOf(ratio));
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    return opset < Largest.OPSET ? tooOld(opset, Largest.OPSET) : "";
  }

  @Override
  public String emit(NodeMaker n, String x) {
    String keys = n.records(Largest.keys(n, x));
    String length = n.cast(n.length(keys, 1), ElementType.DOUBLE);
    String wanted;
    if (k > 0) {
      wanted = n.float64(k);
    } else {
      String share = n.op("Mul", length, n.float64(ratio));
      String nearest = n.op("Floor", n.op("Add", share, n.float64(0.5)));
      wanted = nearest;
    }
    String most = n.op("Max", n.op("Min", wanted, length), n.float64(1));
    String kept = n.cast(most, ElementType.INT64);
    return Largest.zero(n, n.reshapedLike(Largest.others(n, keys, kept), x), x);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    return Optional.of(
        Baked.whole(
            values -> {
              double share = Math.max(1, Math.floor(values.length * ratio + 0.5));
              boolean[] kept = new boolean[values.length];
              int most = (int) (k > 0 ? k : share);
              Largest.mark(values, 0, 1, values.length, most, kept);
              Largest.zeroUnless(kept, values);
            }));
  }
}
