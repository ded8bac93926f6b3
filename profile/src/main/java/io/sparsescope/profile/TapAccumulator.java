package io.sparsescope.profile;

/**
 * Adds up what one tensor holds from run to run. Counts are exact. Mean and variance of the runs'
 * sparsities are kept by Welford's method and merged by Chan's, so they are good to rounding and do
 * not depend on size.
 *
 * <p>A run in which the tensor has no elements has no sparsity and is not counted as a run. NaNs
 * are elements that are not zero, so a sparsity is always finite. A count that leaves the range of
 * {@code long} throws ArithmeticException and changes nothing.
 *
 * <p>Not safe for use by several threads.
 */
final class TapAccumulator {
  private Counts counts = Counts.NONE;
  private long runs;
  private long nanRuns;
  private double min = 1;
  private double max;
  private double mean;

  /** Sum of squared distances from the mean. */
  private double squares;

  /**
   * Channels seen alive; null where there was no run, or not all runs counted the same channels.
   */
  private ChannelSet channels;

  /** Magnitudes; null where there was no run, or not in all runs they were counted. */
  private Histogram histogram;

  /** Adds one run of which nothing else was counted. */
  void add(Counts run) {
    add(run, null, null);
  }

  /**
   * Adds one run.
   *
   * @param alive its channels, null if they were not counted
   * @param magnitudes null if they were not counted
   */
  @SuppressWarnings("ReferenceEquality") // HELD_NAN is a mark: an empty tensor equals it.
  void add(Counts run, ChannelSet alive, Histogram magnitudes) {
    if (run == Counts.HELD_NAN) {
      nanRuns++;
      return;
    }
    if (run.elements() == 0) {
      return;
    }
    counts = counts.plus(run);
    channels = runs == 0 ? alive : both(channels, alive);
    histogram = runs == 0 ? magnitudes : both(histogram, magnitudes);
    runs++;
    double sparsity = run.sparsity();
    min = Math.min(min, sparsity);
    max = Math.max(max, sparsity);
    double distance = sparsity - mean;
    mean += distance / runs;
    squares += distance * (sparsity - mean);
  }

  /** Adds all runs of a profile. */
  void add(TapProfile other) {
    TapAccumulator runs = new TapAccumulator();
    runs.nanRuns = other.nanRuns();
    if (other.runs() > 0) {
      PerRun spread = other.perRun();
      runs.counts = other.counts();
      runs.runs = other.runs();
      runs.min = spread.min();
      runs.max = spread.max();
      runs.mean = spread.mean();
      runs.squares = spread.stddev() * spread.stddev() * other.runs();
      runs.channels =
          other.channels() == null
              ? null
              : ChannelSet.withDead(other.channels(), other.deadChannels());
      runs.histogram = other.histogram();
    }
    add(runs);
  }

  /** Adds all runs of another one, which is left as it is. */
  void add(TapAccumulator other) {
    long nans = Math.addExact(nanRuns, other.nanRuns);
    Counts sum = counts.plus(other.counts);
    Histogram magnitudes = both(histogram, other.histogram);
    long total = Math.addExact(runs, other.runs);
    if (other.runs > 0) {
      double distance = other.mean - mean;
      double share = (double) other.runs / total;
      squares += other.squares + distance * distance * runs * share;
      // Nothing but the other's own mean where there was nothing, so that one profile stays as it
      // is.
      mean = runs == 0 ? other.mean : mean + distance * share;
      min = Math.min(min, other.min);
      max = Math.max(max, other.max);
      channels = runs == 0 ? other.channels : both(channels, other.channels);
      histogram = runs == 0 ? other.histogram : magnitudes;
    }
    nanRuns = nans;
    counts = sum;
    runs = total;
  }

  private static ChannelSet both(ChannelSet a, ChannelSet b) {
    return a == null || b == null ? null : a.or(b);
  }

  private static Histogram both(Histogram a, Histogram b) {
    return a == null || b == null ? null : a.plus(b);
  }

  TapProfile snapshot(TapInfo tap) {
    PerRun perRun =
        runs == 0
            ? null
            : new PerRun(min, max, Math.max(min, Math.min(max, mean)), Math.sqrt(squares / runs));
    return TapProfile.of(tap, runs, counts, perRun, nanRuns, channels, histogram);
  }
}
