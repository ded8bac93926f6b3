package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.RewriteException;

/**
 * What a training step makes smaller: {@code loss + l1 * sum|w| + l2 / 2 * sum w^2}, the sums over
 * the weights of all layers that train; biases and the parameters of normalizations and activations
 * have no such terms.
 *
 * @param loss the data term
 * @param l1 factor of the L1 term; 0 for none
 * @param l2 factor of the L2 term, known as weight decay; 0 for none
 */
public record Objective(Loss loss, double l1, double l2) {
  public Objective {
    requireFactor("l1", l1);
    requireFactor("l2", l2);
  }

  /** A loss without L1 and L2 terms. */
  public static Objective of(Loss loss) {
    return new Objective(loss, 0, 0);
  }

  private static void requireFactor(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new RewriteException(
          name + " " + value + ": give a finite number that is not negative");
    }
  }
}
