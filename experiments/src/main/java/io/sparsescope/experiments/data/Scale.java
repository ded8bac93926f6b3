package io.sparsescope.experiments.data;

/**
 * A factor, kept as the fraction it was written as: {@code 1/255} divides by 255, as training code
 * does, where a multiplication by its reciprocal would differ in the last bit.
 *
 * @param numerator what values are multiplied by
 * @param denominator what they are divided by then
 */
public record Scale(double numerator, double denominator) {
  /** Leaves values as they are. */
  public static final Scale ONE = new Scale(1, 1);

  public Scale {
    if (!Double.isFinite(numerator) || !Double.isFinite(denominator) || denominator == 0) {
      throw new DataException(
          "scale " + numerator + "/" + denominator + " is no number; write 1/255 or 0.5");
    }
  }

  /** Reads {@code 1/255} or {@code 0.5}. */
  public static Scale parse(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? new Scale(DataOptions.number("scale", text), 1)
        : new Scale(
            DataOptions.number("scale", text.substring(0, slash)),
            DataOptions.number("scale", text.substring(slash + 1)));
  }

  float apply(float value) {
    float scaled = numerator == 1 ? value : value * (float) numerator;
    return denominator == 1 ? scaled : scaled / (float) denominator;
  }

  double apply(double value) {
    return value * numerator / denominator;
  }
}
