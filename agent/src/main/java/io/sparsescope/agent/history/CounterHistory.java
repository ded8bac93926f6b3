package io.sparsescope.agent.history;

/** What a counter that only grows has grown by in each stretch. */
final class CounterHistory {
  private final Lane lane = new Lane();
  private long last;

  /** Whether the counter was set back since it was last read. */
  boolean fell(long value) {
    return value < last;
  }

  /** The counter counts from nought again. */
  void restart() {
    last = 0;
  }

  /** The counter stands at {@code value} at the end of the stretch. */
  void read(int point, long value) {
    lane.add(point, Math.max(0, value - last));
    last = value;
  }

  long get(int point) {
    return lane.get(point);
  }

  void halve() {
    lane.halve();
  }
}
