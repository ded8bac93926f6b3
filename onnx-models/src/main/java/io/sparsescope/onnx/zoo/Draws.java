package io.sparsescope.onnx.zoo;

/**
 * Random numbers by seed (SplitMix64), the same on any JVM. Not safe for use by several threads.
 */
final class Draws {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private long state;
  private double spare = Double.NaN;

  /** Seeds that are close together give streams that have nothing in common. */
  Draws(long seed) {
    state = mixed(seed + GOLDEN);
  }

  /** Uniform in [0, 1). */
  double uniform() {
    state += GOLDEN;
    return (mixed(state) >>> 11) * 0x1p-53;
  }

  /** Normal of mean 0 and standard deviation 1, by Marsaglia's polar method. */
  double normal() {
    if (!Double.isNaN(spare)) {
      double second = spare;
      spare = Double.NaN;
      return second;
    }
    double x;
    double y;
    double square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    // StrictMath: the last bit, too, is the same everywhere.
    double factor = Math.sqrt(-2 * StrictMath.log(square) / square);
    spare = y * factor;
    return x * factor;
  }

  private static long mixed(long seed) {
    long mixed = (seed ^ (seed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
