package io.sparsescope.rewriter.transform;

import java.util.Optional;

/**
 * Three values (TensorQuant's {@code ternary}): m where x &gt; t, -m where x &lt; -t, else 0; m and
 * t are rounded to the tensor's type. NaN stays.
 */
record Ternary(double m, double t) implements Transform {
  static Transform parse(Arguments arguments) {
    arguments.requireCount(1, 2);
    double m = arguments.positive(0, "m");
    return arguments.count() == 1
        ? new AutomaticTernary(m)
        : new Ternary(m, arguments.notNegative(1, "t"));
  }

  @Override
  public String spec() {
    return "ternary," + m + "," + t;
  }

  @Override
  public String emit(NodeMaker n, String x) {
    double value = n.target().kind().round(m);
    double limit = n.target().kind().round(t);
    String negative = n.select(n.op("Less", x, n.scalar(-limit)), n.scalar(-value), n.scalar(0));
    String three = n.select(n.op("Less", n.scalar(limit), x), n.scalar(value), negative);
    return n.keepNaN(x, three);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    double value = target.kind().round(m);
    double limit = target.kind().round(t);
    return Optional.of(Baked.elements(x -> x > limit ? value : x < -limit ? -value : 0));
  }
}
