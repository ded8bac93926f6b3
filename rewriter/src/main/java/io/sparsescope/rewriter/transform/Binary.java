package io.sparsescope.rewriter.transform;

import java.util.Optional;

/**
 * Two values (TensorQuant's {@code binary}): m where x &gt;= 0, -0.0 included, else -m; m is
 * rounded to the tensor's type. NaN stays.
 */
record Binary(double m) implements Transform {
  static Binary parse(Arguments arguments) {
    arguments.requireCount(1, 1);
    return new Binary(arguments.positive(0, "m"));
  }

  @Override
  public String spec() {
    return "binary," + m;
  }

  @Override
  public String emit(NodeMaker n, String x) {
    double value = n.target().kind().round(m);
    String two = n.select(n.op("Less", x, n.scalar(0)), n.scalar(-value), n.scalar(value));
    return n.keepNaN(x, two);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    double value = target.kind().round(m);
    return Optional.of(Baked.elements(x -> x >= 0 ? value : -value));
  }
}
