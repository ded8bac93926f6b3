package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Which records of a data set to use.
 *
 * @param limit how many; empty for all
 * @param random false for the first ones, as the paper's authors took them; true to draw them
 *     without replacement, which data that is sorted by class needs
 * @param seed of the draw
 */
public record Choice(OptionalInt limit, boolean random, long seed) {
  /** All records. */
  public static final Choice ALL = new Choice(OptionalInt.empty(), false, 0);

  public Choice {
    if (limit.isPresent() && limit.getAsInt() < 1) {
      throw new ExperimentException(
          "--limit " + limit.getAsInt() + ": give a number of at least 1");
    }
  }

  /** The first records. */
  public static Choice first(int limit) {
    return new Choice(OptionalInt.of(limit), false, 0);
  }

  /** {@code count} of the numbers below {@code of}, each set of them as likely as any other. */
  static BitSet draw(int count, int of, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BitSet drawn = new BitSet(of);
    // Floyd's algorithm: one random number for each that is drawn.
    for (int i = of - count; i < of; i++) {
      int candidate = random.nextInt(i + 1);
      drawn.set(drawn.get(candidate) ? i : candidate);
    }
    return drawn;
  }
}
