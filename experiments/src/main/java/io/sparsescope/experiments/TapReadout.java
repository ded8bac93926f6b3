package io.sparsescope.experiments;

import io.sparsescope.profile.ChannelSet;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.Histogram;
import io.sparsescope.profile.HistogramCounter;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Tap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Turns the outputs that a rewrite added into counts. Knows tensors as raw memory only. */
public final class TapReadout {
  /** A row of the counts: elements, zeros, NaNs. */
  private static final int ROW_BYTES = 3 * Long.BYTES;

  private final List<Tap> taps;
  private final boolean inGraph;

  /**
   * A tensor as it lies in memory.
   *
   * @param type its element type, as profiles call it
   * @param values its elements, little-endian, from position to limit
   */
  public record RawTensor(String type, ByteBuffer values) {}

  /**
   * @param taps of one rewrite
   */
  public TapReadout(List<Tap> taps) {
    this.taps = List.copyOf(taps);
    inGraph = taps.stream().anyMatch(Tap::countedInGraph);
  }

  /** The taps as a profile describes them. */
  public List<TapInfo> infos() {
    return taps.stream().map(TapReadout::info).toList();
  }

  private static TapInfo info(Tap tap) {
    return new TapInfo(
        tap.node(),
        tap.op(),
        tap.tensor(),
        tap.layer(),
        tap.block(),
        TapKind.ACTIVATION,
        tap.type().label());
  }

  /** Outputs that a run must be asked for, each once. */
  public List<String> outputs() {
    Stream<String> read = taps.stream().filter(tap -> !tap.countedInGraph()).map(Tap::output);
    Stream<String> counts = inGraph ? Stream.of(Rewrite.COUNTS) : Stream.empty();
    Stream<String> channels = countsChannels() ? Stream.of(Rewrite.CHANNELS) : Stream.empty();
    return Stream.concat(Stream.concat(counts, channels), read).distinct().toList();
  }

  private boolean countsChannels() {
    return taps.stream().anyMatch(tap -> tap.channels() > 0);
  }

  /**
   * What the taps held in one run.
   *
   * @param output an output by name; null where it was not computed
   * @return counts in the order of the taps, null where a tap was not computed, or is of a type,
   *     not known before the run, that cannot be counted
   */
  public Counts[] read(Function<String, RawTensor> output) {
    RawTensor table = inGraph ? output.apply(Rewrite.COUNTS) : null;
    ByteBuffer rows = table == null ? null : table.values().slice().order(ByteOrder.LITTLE_ENDIAN);
    Counts[] counts = new Counts[taps.size()];
    for (int i = 0; i < counts.length; i++) {
      Tap tap = taps.get(i);
      counts[i] = tap.countedInGraph() ? row(rows, tap.row()) : count(tap, output);
    }
    return counts;
  }

  /**
   * Which channels of the taps held anything but zeros in one run.
   *
   * @param output as {@link #read} takes it
   * @return in the order of the taps, null where channels were not counted; meaningless for a tap
   *     that was not counted in the run
   */
  public ChannelSet[] readChannels(Function<String, RawTensor> output) {
    ChannelSet[] channels = new ChannelSet[taps.size()];
    RawTensor table = countsChannels() ? output.apply(Rewrite.CHANNELS) : null;
    if (table != null) {
      LongBuffer nonzero = table.values().slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
      for (int i = 0; i < channels.length; i++) {
        Tap tap = taps.get(i);
        if (tap.channels() > 0) {
          channels[i] = ChannelSet.of(tap.channels(), c -> nonzero.get(tap.channelsAt() + c) != 0);
        }
      }
    }
    return channels;
  }

  /**
   * Magnitudes of the taps' elements in one run.
   *
   * @param output as {@link #read} takes it
   * @param counts what {@link #read} returned
   * @return in the order of the taps, null where the graph counted the tap, or it is of no float
   *     type
   */
  public Histogram[] readHistograms(Function<String, RawTensor> output, Counts[] counts) {
    Histogram[] histograms = new Histogram[taps.size()];
    for (int i = 0; i < histograms.length; i++) {
      Tap tap = taps.get(i);
      RawTensor tensor = tap.countedInGraph() ? null : output.apply(tap.output());
      if (tensor != null && counts[i] != null && HistogramCounter.canCount(tensor.type())) {
        histograms[i] = HistogramCounter.of(tensor.type()).count(tensor.values(), counts[i]);
      }
    }
    return histograms;
  }

  private static Counts row(ByteBuffer rows, int row) {
    if (rows == null) {
      return null;
    }
    int at = ROW_BYTES * row;
    return Counts.ofRow(rows.getLong(at), rows.getLong(at + 8), rows.getLong(at + 16));
  }

  private static Counts count(Tap tap, Function<String, RawTensor> output) {
    RawTensor tensor = output.apply(tap.output());
    return tensor == null || !ZeroCounter.canCount(tensor.type())
        ? null
        : ZeroCounter.of(tensor.type()).count(tensor.values(), tap.zeroPoint());
  }
}
