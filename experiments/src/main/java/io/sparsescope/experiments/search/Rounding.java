package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Score;

/**
 * How far a model run in parts may differ from the whole one. ONNX Runtime fuses other nodes in a
 * part, adds in another order, and so rounds differently. Decisions so close to the border that
 * rounding may flip them are not trusted.
 *
 * @param error largest difference seen between the dense model in parts and as a whole, in units of
 *     the judged output
 * @param share of the largest value of a record's output below which a margin is doubtful, whatever
 *     was seen
 * @param scale the largest value that was seen
 */
record Rounding(double error, double share, double scale) {
  /** Thousands of additions in float32, each off by 6e-8, were seen to add up to some 1e-6. */
  static final double SMOOTH = 3e-5;

  /** Where a last bit decides about a whole step, of a quantizer or of a threshold. */
  static final double STEPS = 1e-2;

  /** How many times the difference that was seen may come up elsewhere. */
  private static final double SAFETY = 64;

  /** Whether rounding may have decided. */
  boolean doubts(Score score, float[] output) {
    // A margin that is no number tells nothing.
    return !(Math.abs(score.margin()) > Math.max(SAFETY * error, share * largest(output)));
  }

  /** How much a score that is no decision may be off. */
  double slack(double best) {
    return Math.max(SAFETY * error, share * (best == 0 ? scale : Math.abs(best)));
  }

  /** The largest magnitude of the finite values. */
  static double largest(float[] output) {
    double largest = 0;
    for (float value : output) {
      double magnitude = Math.abs(value);
      if (magnitude > largest && magnitude <= Float.MAX_VALUE) {
        largest = magnitude;
      }
    }
    return largest;
  }
}
