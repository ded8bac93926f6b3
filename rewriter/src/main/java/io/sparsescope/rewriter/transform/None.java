package io.sparsescope.rewriter.transform;

import java.util.Optional;

/** Changes nothing (TensorQuant's {@code none}): spares what a later rule would match. */
record None() implements Transform {
  @Override
  public String spec() {
    return "none";
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    return "";
  }

  @Override
  public String emit(NodeMaker nodes, String x) {
    return x;
  }

  @Override
  public Optional<Baked> baked(Target target) {
    return Optional.of(Baked.elements(x -> x));
  }
}
