package io.sparsescope.experiments.evaluate;

/**
 * Where a share lies with 95 % confidence, had the records been drawn at random.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
  /** The standard normal distribution's quantile at 0.975. */
  private static final double Z = 1.959963984540054;

  /**
   * Wilson's score interval (Wilson 1927, equation 4 solved for the share), which holds for small
   * numbers and for shares near 0 and 1, too.
   *
   * @param hits number of hits
   * @param of number of trials, at least 1
   */
  public static Interval wilson(long hits, long of) {
    if (of < 1 || hits < 0 || hits > of) {
      throw new IllegalArgumentException(hits + " hits of " + of);
    }
    double share = (double) hits / of;
    double square = Z * Z;
    double center = (share + square / (2.0 * of)) / (1 + square / of);
    double half =
        Z * Math.sqrt(share * (1 - share) / of + square / (4.0 * of * of)) / (1 + square / of);
    // At the ends rounding must not leave the exact 0 and 1.
    return new Interval(
        hits == 0 ? 0 : Math.max(0, center - half), hits == of ? 1 : Math.min(1, center + half));
  }
}
