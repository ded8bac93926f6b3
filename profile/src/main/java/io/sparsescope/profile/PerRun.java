package io.sparsescope.profile;

/**
 * How the sparsity of a tensor spreads over runs, each run weighing the same whatever its size.
 *
 * @param min the least sparse run's sparsity
 * @param max the sparsest run's
 * @param mean arithmetic mean over runs; differs from the sparsity of all elements together where
 *     runs differ in size
 * @param stddev population standard deviation over runs
 */
public record PerRun(double min, double max, double mean, double stddev) {

  public PerRun {
    if (!(0 <= min && min <= max && max <= 1 && mean >= 0 && mean <= 1 && stddev >= 0)) {
      throw new IllegalArgumentException(
          "no spread of sparsities: " + min + ", " + max + ", " + mean + ", " + stddev);
    }
  }
}
