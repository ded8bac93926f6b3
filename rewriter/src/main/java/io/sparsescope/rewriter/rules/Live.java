package io.sparsescope.rewriter.rules;

import io.sparsescope.rewriter.RewriteException;

/**
 * How thresholds are tried on a live model: some runs are answered by the model with the
 * thresholds, and some runs' inputs are given to both models to compare what they answer.
 *
 * @param fraction share of the runs that the model with the thresholds answers, 0 to 1
 * @param compare share of the runs on whose inputs both models are run, apart from the request, and
 *     their outputs compared, 0 to 1
 */
public record Live(double fraction, double compare) {

  /** What {@code live: true} means. */
  public static final Live DEFAULT = new Live(0.1, 0.01);

  /**
   * @throws RewriteException if a share is not from 0 to 1, or both are 0
   */
  public Live {
    requireShare("fraction", fraction);
    requireShare("compare", compare);
    if (fraction == 0 && compare == 0) {
      throw new RewriteException(
          "live has a fraction of 0 and a compare of 0: give one of them, or write live: false");
    }
    // No negative zero.
    fraction = fraction == 0 ? 0 : fraction;
    compare = compare == 0 ? 0 : compare;
  }

  private static void requireShare(String key, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new RewriteException("live." + key + " is " + share + ": write a number from 0 to 1");
    }
  }
}
