package io.sparsescope.rewriter.transform;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;

/**
 * A transform as a function of stored values. Values are handed over as float64, which holds all
 * float types exactly, and rounded to the tensor's type afterwards, ties to even. NaN is never
 * changed, whatever the function says.
 */
public final class Baked {
  private final Optional<DoubleUnaryOperator> element;
  private final Consumer<double[]> whole;

  private Baked(Optional<DoubleUnaryOperator> element, Consumer<double[]> whole) {
    this.element = element;
    this.whole = whole;
  }

  /** Each element by itself. */
  public static Baked elements(DoubleUnaryOperator function) {
    return new Baked(
        Optional.of(function),
        values -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = function.applyAsDouble(values[i]);
          }
        });
  }

  /** All elements at once, row-major, changed in place. The tensor is held in memory then. */
  public static Baked whole(Consumer<double[]> function) {
    return new Baked(Optional.empty(), function);
  }

  Optional<DoubleUnaryOperator> element() {
    return element;
  }

  void apply(double[] values) {
    whole.accept(values);
  }
}
