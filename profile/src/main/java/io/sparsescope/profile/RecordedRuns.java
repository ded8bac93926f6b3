package io.sparsescope.profile;

/**
 * What the sampled runs of some time have shown.
 *
 * <p>Not safe for use by several threads.
 */
final class RecordedRuns {
  private final TapAccumulator[] taps;
  private long sampledRuns;
  private OutputDifference difference;

  RecordedRuns(int taps) {
    this.taps = new TapAccumulator[taps];
    for (int i = 0; i < taps; i++) {
      this.taps[i] = new TapAccumulator();
    }
  }

  /**
   * Adds a run.
   *
   * @param perTap null for a tap that was not computed in it
   * @param channels null for a tap whose channels were not counted
   * @param histograms null for a tap whose magnitudes were not counted
   */
  void add(Counts[] perTap, ChannelSet[] channels, Histogram[] histograms) {
    sampledRuns++;
    for (int i = 0; i < perTap.length; i++) {
      if (perTap[i] != null) {
        taps[i].add(perTap[i], channels[i], histograms[i]);
      }
    }
  }

  void add(OutputDifference compared) {
    difference = difference == null ? compared : difference.plus(compared);
  }

  /** Both together; neither is changed. */
  RecordedRuns plus(RecordedRuns later) {
    RecordedRuns sum = new RecordedRuns(taps.length);
    for (RecordedRuns part : new RecordedRuns[] {this, later}) {
      sum.sampledRuns += part.sampledRuns;
      for (int i = 0; i < taps.length; i++) {
        sum.taps[i].add(part.taps[i]);
      }
      if (part.difference != null) {
        sum.add(part.difference);
      }
    }
    return sum;
  }

  long sampledRuns() {
    return sampledRuns;
  }

  /** Null where nothing was compared. */
  OutputDifference difference() {
    return difference;
  }

  TapProfile tap(int index, TapInfo info) {
    return taps[index].snapshot(info);
  }
}
