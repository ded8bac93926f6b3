package io.sparsescope.agent.session;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.ChannelSet;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.Histogram;
import io.sparsescope.profile.HistogramCounter;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Tap;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The outputs of one run: those the application asked for, and behind them those that the taps need
 * besides. Used by the thread that runs.
 */
final class TapRequest {
  private final Taps taps;
  private final int asked;

  /** For each output of the taps its place among all outputs. */
  private final int[] places;

  private final String[] names;
  private final long[] handles;

  /** Made before the run: after it nothing should be able to fail. */
  private final boolean[] owned;

  private Object[] values;

  private TapRequest(
      Taps taps, int asked, int[] places, String[] names, long[] handles, Object[] values) {
    this.taps = taps;
    this.asked = asked;
    this.owned = new boolean[asked];
    this.places = places;
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
    List<String> all = new ArrayList<>(Arrays.asList(names));
    int[] places = new int[taps.outputs().size()];
    for (int i = 0; i < places.length; i++) {
      String output = taps.outputs().get(i);
      // A tap may need what the application has asked for itself.
      int place = all.indexOf(output);
      if (place < 0) {
        place = all.size();
        all.add(output);
      }
      places[i] = place;
    }
    return new TapRequest(
        taps,
        names.length,
        places,
        all.toArray(new String[0]),
        handles == null ? null : Arrays.copyOf(handles, all.size()),
        values == null ? null : Arrays.copyOf(values, all.size()));
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

  /** What the run said of all outputs, for those of the application's. */
  boolean[] given(boolean[] all) {
    System.arraycopy(all, 0, owned, 0, asked);
    return owned;
  }

  /** The application's outputs in an array of the same kind. */
  Object[] given() {
    return Arrays.copyOf(values, asked);
  }

  /**
   * What the taps hold, in their order; null for a tensor that could not be counted.
   *
   * @throws IllegalStateException if the counts are not what the rewrite promised
   */
  Counts[] read(OrtTensors tensors) throws Throwable {
    Counts[] counts = new Counts[taps.taps().size()];
    int output = 0;
    if (taps.inGraph() > 0) {
      readTable(tensors.longs(values[places[output++]]), counts);
    }
    output += taps.channels() > 0 ? 1 : 0;
    for (int i = taps.inGraph(); i < counts.length; i++) {
      counts[i] = count(taps.taps().get(i), values[places[output++]], tensors);
    }
    return counts;
  }

  /**
   * Which channels of the taps, in their order, held anything but zeros in a run in which the tap
   * was counted; null where they are not counted.
   *
   * @throws IllegalStateException if there are not as many as the rewrite promised
   */
  ChannelSet[] readChannels(OrtTensors tensors) throws Throwable {
    ChannelSet[] channels = new ChannelSet[taps.taps().size()];
    if (taps.channels() == 0) {
      return channels;
    }
    // Those of a tap are counted in the graph, so there are rows before them.
    LongBuffer nonzero = tensors.longs(values[places[1]]);
    if (nonzero.remaining() != taps.channels()) {
      throw new IllegalStateException(
          nonzero.remaining() + " counts for " + taps.channels() + " channels");
    }
    for (int i = 0; i < channels.length; i++) {
      Tap tap = taps.taps().get(i);
      if (tap.channels() > 0) {
        channels[i] = ChannelSet.of(tap.channels(), c -> nonzero.get(tap.channelsAt() + c) != 0);
      }
    }
    return channels;
  }

  /**
   * Magnitudes of the elements of the taps, in their order; null where the graph has counted, or
   * the tensor is of no float type.
   *
   * @param counts what {@link #read} returned
   */
  Histogram[] readHistograms(OrtTensors tensors, Counts[] counts) throws Throwable {
    Histogram[] histograms = new Histogram[counts.length];
    int before = taps.outputs().size() - (counts.length - taps.inGraph());
    for (int i = taps.inGraph(); i < counts.length; i++) {
      Object value = values[places[before + i - taps.inGraph()]];
      String type = type(taps.taps().get(i), value, tensors);
      if (counts[i] != null && HistogramCounter.canCount(type)) {
        histograms[i] = HistogramCounter.of(type).count(tensors.bytes(value), counts[i]);
      }
    }
    return histograms;
  }

  private void readTable(LongBuffer table, Counts[] counts) {
    if (table.remaining() != 3 * taps.inGraph()) {
      throw new IllegalStateException(
          table.remaining() + " counts for " + taps.inGraph() + " tensors, not 3 each");
    }
    for (int row = 0; row < taps.inGraph(); row++) {
      counts[row] =
          Counts.ofRow(table.get(3 * row), table.get(3 * row + 1), table.get(3 * row + 2));
    }
  }

  private static Counts count(Tap tap, Object value, OrtTensors tensors) throws Throwable {
    String type = type(tap, value, tensors);
    return ZeroCounter.canCount(type)
        ? ZeroCounter.of(type).count(tensors.bytes(value), tap.zeroPoint())
        : null;
  }

  private static String type(Tap tap, Object value, OrtTensors tensors) throws Throwable {
    return tap.type() == ElementType.UNDEFINED ? tensors.type(value).label() : tap.type().label();
  }

  /** Closes what the application did not ask for, all of it even if some of it fails. */
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
