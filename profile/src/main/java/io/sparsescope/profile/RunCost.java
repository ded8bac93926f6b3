package io.sparsescope.profile;

/**
 * What counting has cost a model's runs.
 *
 * @param runNanos time that the application spent in runs, ours in it included, nanoseconds
 * @param overheadNanos how much of the process's time was ours: what sampled runs took longer than
 *     others, and what was run apart from them; nanoseconds
 * @param drops runs that were to be sampled and were not, because the agent was busy
 */
public record RunCost(long runNanos, long overheadNanos, long drops) {
  public static final RunCost NONE = new RunCost(0, 0, 0);

  public RunCost {
    if (runNanos < 0 || overheadNanos < 0 || drops < 0) {
      throw new IllegalArgumentException(
          runNanos + " ns of runs, " + overheadNanos + " ns of overhead, " + drops + " drops");
    }
  }

  /** Both together, up to the largest long. */
  public RunCost plus(RunCost other) {
    return new RunCost(
        sum(runNanos, other.runNanos),
        sum(overheadNanos, other.overheadNanos),
        sum(drops, other.drops));
  }

  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
