package io.sparsescope.experiments.train;

/**
 * Random numbers that are a function of a key and a counter alone (SplitMix64's mixing function:
 * Steele, Lea and Flood, 2014): there is no state, so that any step's numbers can be made at any
 * time.
 */
final class CounterRandom {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /** What numbers are for: no two purposes share a sequence. */
  enum Purpose {
    ORDER,
    AUGMENTATION,
    MASK
  }

  private CounterRandom() {}

  /** The key of a sequence. */
  static long key(long seed, Purpose purpose, long number) {
    return mix(mix(mix(seed + GOLDEN) + purpose.ordinal() + 1) + number + GOLDEN);
  }

  /** 64 random bits. */
  static long bits(long key, long counter) {
    return mix(key + GOLDEN * (counter + 1));
  }

  /** A number of 0 to below the bound, every one as likely but for less than one in 2^31. */
  static int below(int bound, long key, long counter) {
    return (int) Math.multiplyHigh(bits(key, counter) >>> 1, (long) bound << 1);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
