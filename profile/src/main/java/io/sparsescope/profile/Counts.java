package io.sparsescope.profile;

/**
 * What one tensor of one run, or many, was found to hold.
 *
 * @param elements number of elements
 * @param zeros elements equal to zero (-0.0 too), or to the zero point of a quantized tensor
 * @param nan elements that are NaN
 */
public record Counts(long elements, long zeros, long nan) {
  public static final Counts NONE = new Counts(0, 0, 0);

  public Counts {
    if (zeros < 0 || nan < 0 || zeros > elements - nan) {
      throw new IllegalArgumentException(
          "counts do not add up: " + elements + " elements, " + zeros + " zeros, " + nan + " NaN");
    }
  }

  public Counts plus(Counts other) {
    return new Counts(
        Math.addExact(elements, other.elements),
        Math.addExact(zeros, other.zeros),
        Math.addExact(nan, other.nan));
  }

  /** Zeros by elements (eq. 3); 0 where there are no elements. */
  public double sparsity() {
    return elements == 0 ? 0 : (double) zeros / elements;
  }
}
