package io.sparsescope.agent.session;

/**
 * Chooses a share of runs, spread evenly: the runs are divided into groups of {@code 1 / share},
 * rounded so that the numbers work out, and one of each group is chosen. Which one differs from
 * group to group, lest the choice fall into step with an application that takes turns, but is the
 * same every time.
 */
final class Spread {
  private final double share;
  private final long salt;

  /**
   * @param share 0 to 1
   * @param salt choices with different salts are independent of each other
   */
  Spread(double share, long salt) {
    this.share = share;
    this.salt = salt;
  }

  /** Whether run {@code n}, from 0 on, is chosen. */
  boolean includes(long n) {
    if (share <= 0 || share >= 1) {
      return share >= 1;
    }
    long group = group(n);
    long first = (long) Math.ceil(group / share);
    // The division rounds; the first one of the group is what group() says.
    while (group(first) < group) {
      first++;
    }
    while (first > 0 && group(first - 1) == group) {
      first--;
    }
    long end = Math.max(first, (long) ((group + 1) / share));
    while (group(end) <= group) {
      end++;
    }
    while (group(end - 1) > group) {
      end--;
    }
    return n == first + Math.floorMod(mix(group ^ salt), end - first);
  }

  private long group(long n) {
    return (long) (n * share);
  }

  /** SplitMix64 (Steele, Lea, Flood 2014): every bit of the result depends on every bit. */
  private static long mix(long n) {
    long z = n + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
