package io.sparsescope.experiments.search;

/**
 * A confidence interval of a share.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) {
  /** The 97.5 % quantile of the standard normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * Wilson's score interval at 95 % (E. B. Wilson, Probable inference, the law of succession, and
   * statistical inference, 1927): the shares p for which {@code |hits/n - p|} is at most 1.96
   * standard errors {@code sqrt(p (1 - p) / n)}. Stays within 0 and 1, also for no or only hits.
   *
   * @param hits records that are right
   * @param n records, at least 1
   */
  public static Interval wilson(long hits, long n) {
    if (n < 1 || hits < 0 || hits > n) {
      throw new IllegalArgumentException(hits + " of " + n);
    }
    double share = (double) hits / n;
    double denominator = 1 + Z * Z / n;
    double middle = (share + Z * Z / (2 * n)) / denominator;
    double half = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4.0 * n * n)) / denominator;
    double low = hits == 0 ? 0 : Math.max(0, middle - half);
    double high = hits == n ? 1 : Math.min(1, middle + half);
    return new Interval(low, high);
  }
}
