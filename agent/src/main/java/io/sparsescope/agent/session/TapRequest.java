package io.sparsescope.agent.session;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Tap;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The outputs of one run: those the application asked for, and behind them ours. Used by the thread
 * that runs.
 */
final class TapRequest {
  private final Taps taps;
  private final int asked;
  private final String[] names;
  private final long[] handles;
  private Object[] values;

  private TapRequest(Taps taps, int asked, String[] names, long[] handles, Object[] values) {
    this.taps = taps;
    this.asked = asked;
    this.names = names;
    this.handles = handles;
    this.values = values;
  }

  /**
   * @param names what the application asks for; not changed
   * @param values its pinned outputs, or null in versions that have none; not changed
   * @param handles their handles, or null
   */
  static TapRequest of(Taps taps, String[] names, Object[] values, long[] handles) {
    int asked = names.length;
    List<String> ours = taps.outputs();
    int all = asked + ours.size();
    String[] allNames = Arrays.copyOf(names, all);
    for (int i = 0; i < ours.size(); i++) {
      allNames[asked + i] = ours.get(i);
    }
    return new TapRequest(
        taps,
        asked,
        allNames,
        handles == null ? null : Arrays.copyOf(handles, all),
        values == null ? null : Arrays.copyOf(values, all));
  }

  String[] names() {
    return names;
  }

  long[] handles() {
    return handles;
  }

  Object[] values() {
    return values;
  }

  /** The run returned these values, instead of filling those handed over. */
  void returned(Object[] returned) {
    values = returned;
  }

  /** Gives the application's outputs to the array it handed over. */
  void giveBack(Object[] target) {
    System.arraycopy(values, 0, target, 0, asked);
  }

  /** The application's outputs in an array of the same kind. */
  Object[] given() {
    return Arrays.copyOf(values, asked);
  }

  /** What the taps hold, in their order. */
  Counts[] read(OrtTensors tensors) throws Throwable {
    Counts[] counts = new Counts[taps.taps().size()];
    int next = asked;
    if (taps.inGraph() > 0) {
      LongBuffer table = tensors.longs(values[next++]);
      for (int row = 0; row < taps.inGraph(); row++) {
        counts[row] =
            new Counts(table.get(3 * row), table.get(3 * row + 1), table.get(3 * row + 2));
      }
    }
    for (int i = taps.inGraph(); i < counts.length; i++) {
      Tap tap = taps.taps().get(i);
      counts[i] =
          ZeroCounter.of(tap.type().label()).count(tensors.bytes(values[next++]), tap.zeroPoint());
    }
    return counts;
  }

  /** Closes our tensors, all of them even if one fails. */
  void close(OrtTensors tensors) throws Throwable {
    Throwable failure = null;
    for (int i = asked; i < values.length; i++) {
      try {
        if (values[i] != null) {
          tensors.close(values[i]);
        }
      } catch (Throwable t) {
        failure = t;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
