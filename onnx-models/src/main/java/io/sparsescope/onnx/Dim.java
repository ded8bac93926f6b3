package io.sparsescope.onnx;

/**
 * A dimension, or an integer computed from dimensions, as far as it is known before a run.
 *
 * @param value the number, if {@code symbol} is null
 * @param symbol stands for a number that only a run tells; equal symbols are equal numbers
 */
record Dim(long value, Object symbol) {
  static final Dim ONE = of(1);

  static Dim of(long value) {
    return new Dim(value, null);
  }

  /** A number that is not known and equals no other that is not known. */
  static Dim unknown() {
    return new Dim(0, new Object());
  }

  /** A number that is not known, the same wherever a model names it so. */
  static Dim named(String name) {
    return new Dim(0, name);
  }

  boolean isKnown() {
    return symbol == null;
  }

  boolean is(long number) {
    return isKnown() && value == number;
  }

  /** The number, -1 if it is not known. */
  long orMinusOne() {
    return isKnown() ? value : -1;
  }
}
