package io.sparsescope.agent.history;

import java.util.Arrays;

/**
 * The stretches of time that a history is kept for, one behind the other without a gap. When there
 * are {@link #POINTS} of them, each two become one and a stretch is twice as long from then on. The
 * last one grows until it is that long. Not safe for use by several threads.
 */
final class Timeline {
  static final int POINTS = 240;

  private final long[] ends = new long[POINTS];
  private final long origin;
  private long step;
  private int size;

  /**
   * @param origin when the first stretch begins, in ms
   * @param step how long a stretch is at first, in ms
   */
  Timeline(long origin, long step) {
    this.origin = origin;
    this.step = step;
  }

  int size() {
    return size;
  }

  /** How long a stretch is now, in ms. */
  long step() {
    return step;
  }

  long start(int point) {
    return point == 0 ? origin : ends[point - 1];
  }

  long end(int point) {
    return ends[point];
  }

  /** Whether the next {@link #advance} must be preceded by {@link #halve}. */
  boolean isFull() {
    return size == POINTS && !lastGrows();
  }

  /**
   * The last stretch, or a new one, now ends at {@code now}.
   *
   * @return its index
   */
  int advance(long now) {
    if (!lastGrows()) {
      size++;
    }
    ends[size - 1] = Math.max(now, start(size - 1));
    return size - 1;
  }

  /** Each two stretches become one. */
  void halve() {
    size /= 2;
    for (int i = 0; i < size; i++) {
      ends[i] = ends[2 * i + 1];
    }
    step *= 2;
  }

  /** The first stretch that begins at {@code since} or later; {@link #size} if none does. */
  int firstSince(long since) {
    if (since <= origin) {
      return 0;
    }
    int found = Arrays.binarySearch(ends, 0, size, since);
    return Math.min(size, (found < 0 ? -found - 1 : found) + 1);
  }

  /** A stretch is complete when another sample would make it longer by more than a quarter. */
  private boolean lastGrows() {
    return size > 0 && end(size - 1) - start(size - 1) < step - step / 4;
  }
}
