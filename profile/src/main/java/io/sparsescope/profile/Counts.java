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

  /** Stands for a tensor that held NaN in a run and was not counted in it. */
  public static final Counts HELD_NAN = new Counts(0, 0, 0);

  /**
   * A row of the counts that a rewritten model makes.
   *
   * @param zeros negative if the tensor held NaN and was not counted
   */
  public static Counts ofRow(long elements, long zeros, long nan) {
    return zeros < 0 ? HELD_NAN : new Counts(elements, zeros, nan);
  }

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
