package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.Optional;

/**
 * Rounds to float16, ties to even, and back (TensorQuant's {@code half}): 65520 and above become
 * infinite, float16's denormal numbers stay. A float64 is rounded to float32 first.
 */
record Half() implements Transform {
  /** The opset whose Cast names types by number. */
  private static final int CAST_OPSET = 6;

  @Override
  public String spec() {
    return "half";
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    return opset < CAST_OPSET ? tooOld(opset, CAST_OPSET) : "";
  }

  @Override
  public String emit(NodeMaker n, String x) {
    String single = n.type() == ElementType.DOUBLE ? n.cast(x, ElementType.FLOAT) : x;
    return n.cast(n.cast(single, ElementType.FLOAT16), n.type());
  }

  @Override
  public Optional<Baked> baked(Target target) {
    FloatKind half = FloatKind.FLOAT16;
    return Optional.of(Baked.elements(x -> half.decode16(half.encode16((float) x) & 0xffff)));
  }
}
